//! What is sent of a task with an event.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

/// What sinks that want it are sent of the task, beside the event. The names are those in the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Enrichment {
    /// The task as JSON; none: it could not be had.
    pub task: Option<Arc<RawValue>>,
    /// Why there is no task.
    pub task_unavailable: Option<Arc<str>>,
}

impl Enrichment {
    /// This task.
    #[must_use]
    pub fn known(task: Arc<RawValue>) -> Self {
        Self {
            task: Some(task),
            task_unavailable: None,
        }
    }

    /// No task, and why.
    #[must_use]
    pub fn unavailable(why: impl Into<Arc<str>>) -> Self {
        Self {
            task: None,
            task_unavailable: Some(why.into()),
        }
    }
}
