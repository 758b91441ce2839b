//! What events are about: tasks, and how they stand.

mod api;

mod effect;

mod key;

mod observation;

mod projection;

mod report;

mod state;

mod vocabulary;

pub use self::api::ApiVersion;
pub use self::effect::Effect;
pub use self::key::TaskKey;
pub use self::key::TaskKind;
pub use self::observation::Observation;
pub use self::observation::Source;
pub use self::projection::Projection;
pub use self::projection::Status;
pub use self::report::OutputFile;
pub use self::report::TaskOutcome;
pub use self::report::TaskReport;
pub use self::state::TaskState;
