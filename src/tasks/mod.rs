//! What is known of tasks, kept up with the log.
//!
//! ```text
//! commit ──rings──▶ follower ──observes──▶ store
//!                      └──────tells──────▶ whoever waits for a task
//! ```
//!
//! Nothing here stands between a webhook and its 200: the follower reads what was committed.

mod follower;

mod news;

mod rebuild;

mod rebuilds;

mod wait;

pub use self::follower::Follower;
pub use self::news::Subscription;
pub use self::news::TaskNews;
pub use self::rebuild::rebuild;
pub use self::rebuilds::Progress;
pub use self::rebuilds::RebuildWorker;
pub use self::rebuilds::Rebuilds;
pub use self::rebuilds::Stage;
pub use self::wait::End;
pub use self::wait::Enough;
pub use self::wait::Waited;
pub use self::wait::WaitingRoom;
