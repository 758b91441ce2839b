//! A Browser Use Cloud for development: it serves the API from memory, lets tasks live by the clock,
//! signs what happens to them, and posts it as the vendor does.
//!
//! It writes the wire by itself and shares nothing with whoever reads it, so that one misreading of
//! the vendor is not on both sides.

mod backend;

mod mischief;

mod options;

mod running;

mod scenario;

mod sender;

mod server;

mod sign;

mod task;

mod webhooks;

mod world;

pub use self::backend::Backend;
pub use self::backend::Received;
pub use self::mischief::Mischief;
pub use self::mischief::NoShare;
pub use self::mischief::Share;
pub use self::options::Options;
pub use self::running::Simulator;
pub use self::scenario::Expected;
pub use self::scenario::Scenario;
pub use self::scenario::Signed;
pub use self::scenario::Step;
pub use self::scenario::UnknownScenario;
pub use self::sender::Answer;
pub use self::sender::MAX_RETRIES;
pub use self::sender::SendError;
pub use self::sender::Sender;
pub use self::server::Asked;
pub use self::sign::SignError;
pub use self::sign::SignedRequest;
pub use self::sign::Signer;
pub use self::sign::TimeStyle;
pub use self::task::Task;
pub use self::webhooks::Era;
pub use self::webhooks::Posted;
pub use self::webhooks::UnknownEra;
pub use self::world::Life;
pub use self::world::UnknownLife;
