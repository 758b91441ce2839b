//! What events are about: tasks, and how they stand.

mod state;

mod vocabulary;

pub use self::state::TaskState;
