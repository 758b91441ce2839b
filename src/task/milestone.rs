//! What is told of a task only once: that it began, that a turn was done, that it ended.

use super::TaskKey;
use super::TaskKind;
use super::TaskState;
use crate::event::Facts;

/// News of a task that nobody wants to hear twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Milestone {
    /// It is there, and has not ended.
    Start,
    /// A session has done what it was asked, and takes more.
    Turn,
    /// It has ended.
    End,
}

impl Milestone {
    /// What it means that a task of this kind stands so. None: that is told as often as it is said.
    #[must_use]
    pub fn of(kind: TaskKind, state: &TaskState) -> Option<Self> {
        match state {
            TaskState::Created | TaskState::Running => Some(Self::Start),
            // Only sessions have turns. A task that is said to be idle is not done.
            TaskState::Idle => (kind == TaskKind::Session).then_some(Self::Turn),
            TaskState::Finished | TaskState::Failed | TaskState::Stopped => Some(Self::End),
            TaskState::Paused | TaskState::Other(_) => None,
        }
    }

    /// Whether a body tells that there is an outcome to ask for.
    #[must_use]
    pub fn is_end(facts: &Facts) -> bool {
        matches!(Self::told_by(facts), Some(Self::Turn | Self::End))
    }

    /// What a body tells of the task that it is about.
    #[must_use]
    pub fn told_by(facts: &Facts) -> Option<Self> {
        Self::of(TaskKey::of(facts)?.kind, &facts.state()?)
    }
}
