//! What is known of tasks, kept up with the log, and what the Cloud API adds to it.
//!
//! ```text
//! commit ──rings──▶ follower ──observes──▶ store ◀──observes── look-up ◀──asks── whoever wants more
//!                      └──────tells──────▶ whoever waits for a task ◀──tells──┘
//! ```
//!
//! What is sent with an event to sinks that want its task is looked up in the same way, once.
//!
//! Nothing here stands between a webhook and its 200: the follower reads what was committed.

mod ask;

/// Keeping the files of ended tasks, before the vendor forgets them.
pub mod capture;

mod control;

mod enrich;

mod enriched;

mod flight;

mod follower;

mod links;

mod look_up;

mod news;

mod output;

mod rebuild;

mod rebuilds;

/// Finding what no webhook told.
pub mod reconcile;

mod view;

mod wait;

/// Watching over what goes on.
pub mod watch;

mod wish;

pub use self::control::Started;
pub use self::enrich::Enricher;
pub use self::follower::Follower;
pub use self::links::Grant;
pub use self::links::LinkError;
pub use self::links::Links;
pub use self::links::asked_for_by;
pub use self::look_up::LookUpError;
pub use self::look_up::LookUps;
pub use self::news::Subscription;
pub use self::news::TaskNews;
pub use self::output::NoOutput;
pub use self::rebuild::rebuild;
pub use self::rebuilds::Progress;
pub use self::rebuilds::RebuildWorker;
pub use self::rebuilds::Rebuilds;
pub use self::rebuilds::Stage;
pub use self::view::StandView;
pub use self::view::TaskView;
pub use self::view::encoded;
pub use self::wait::End;
pub use self::wait::Known;
pub use self::wait::Waited;
pub use self::wait::WaitingRoom;
pub use self::wish::Enough;
pub use self::wish::Wish;
