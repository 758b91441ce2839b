//! What a body says of itself.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;

/// What a body says of itself, read leniently: a field that is absent or not of the expected kind
/// is none, never an error.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The vendor's `type`.
    pub kind: Option<Box<str>>,
    /// The vendor's own word for the state of the task.
    pub status: Option<Box<str>>,
    /// The task it is about.
    pub task_id: Option<Box<str>>,
    /// The run it is about (API v4).
    pub run_id: Option<Box<str>>,
    /// The session it is about.
    pub session_id: Option<Box<str>>,
    /// Whatever the payload has under `metadata`, in canonical form; none if absent, null, or not
    /// plain JSON.
    pub metadata: Option<Arc<RawValue>>,
    /// The body's own `timestamp`.
    pub occurred_at: Option<Timestamp>,
}

impl Facts {
    /// What orders this event among others: events with the same key reach a sink one after the
    /// other (`docs/delivery.md`). None: it waits for nobody.
    #[must_use]
    pub fn order_key(&self) -> Option<&str> {
        self.task_id
            .as_deref()
            .or(self.run_id.as_deref())
            .or(self.session_id.as_deref())
    }
}
