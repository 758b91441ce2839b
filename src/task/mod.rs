//! What events are about: tasks, and how they stand.

mod api;

mod effect;

mod enrichment;

mod file;

mod key;

mod milestone;

mod observation;

mod projection;

mod report;

mod state;

mod status;

mod turns;

mod vocabulary;

pub use self::api::ApiVersion;
pub use self::effect::Effect;
pub use self::enrichment::Enrichment;
pub use self::file::FileKind;
pub use self::key::TaskKey;
pub use self::key::TaskKind;
pub use self::milestone::Milestone;
pub use self::observation::Observation;
pub use self::observation::Source;
pub use self::projection::Projection;
pub use self::report::OutputFile;
pub use self::report::TaskOutcome;
pub use self::report::TaskReport;
pub use self::state::TaskState;
pub use self::status::Status;
pub use self::turns::Heard;
pub use self::turns::TurnEnd;
pub use self::turns::Turns;
