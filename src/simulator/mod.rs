//! A Browser Use Cloud for development: it makes up tasks, signs what happens to them, and posts it
//! as the vendor does.

mod backend;

mod scenario;

mod sender;

mod sign;

mod task;

pub use self::backend::Backend;
pub use self::backend::Received;
pub use self::scenario::Expected;
pub use self::scenario::Scenario;
pub use self::scenario::Signed;
pub use self::scenario::Step;
pub use self::scenario::UnknownScenario;
pub use self::sender::Answer;
pub use self::sender::MAX_RETRIES;
pub use self::sender::SendError;
pub use self::sender::Sender;
pub use self::sign::SignError;
pub use self::sign::SignedRequest;
pub use self::sign::Signer;
pub use self::sign::TimeStyle;
pub use self::task::Task;
