//! What a task is known by.

use serde::Serialize;

use crate::event::Facts;

/// What the vendor calls the thing that we call a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// A task of the API v1 or v2.
    Task,
    /// A run of v4.
    Run,
    /// A session of v3, where nothing below it is named.
    Session,
}

impl TaskKind {
    /// What its id is called in a body.
    #[must_use]
    pub fn id_name(self) -> &'static str {
        match self {
            Self::Task => "task_id",
            Self::Run => "run_id",
            Self::Session => "session_id",
        }
    }
}

/// What a task is known by: the vendor's id for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    /// What the id is of.
    pub kind: TaskKind,
    /// The id.
    pub id: Box<str>,
}

impl TaskKey {
    /// What a body is about: its task, else its run, else its session, as in
    /// [`Facts::order_key`]. None: it is about none.
    #[must_use]
    pub fn of(facts: &Facts) -> Option<Self> {
        let (kind, id) = Self::borrowed(facts)?;
        let id = id.into();
        Some(Self { kind, id })
    }

    /// The same without a copy of the id.
    #[must_use]
    pub fn borrowed(facts: &Facts) -> Option<(TaskKind, &str)> {
        let ids = [
            (TaskKind::Task, &facts.task_id),
            (TaskKind::Run, &facts.run_id),
            (TaskKind::Session, &facts.session_id),
        ];
        ids.into_iter()
            .find_map(|(kind, id)| Some((kind, id.as_deref()?)))
    }
}
