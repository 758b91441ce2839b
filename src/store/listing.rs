//! Words for listings: what to let through, and which stretch of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::delivery::DeliveryState;
use crate::event::EventId;
use crate::event::Origin;
use crate::name::SinkName;
use crate::task::TaskState;

/// In which direction a listing runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Which events to list. Every part that is given must hold; of several values one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventFilter {
    /// The vendor's `type`.
    pub types: Vec<String>,
    /// The vendor's word for the state.
    pub status: Vec<String>,
    /// What that word means.
    pub states: Vec<TaskState>,
    /// Any of these tasks.
    pub task_ids: Vec<String>,
    /// Any of these runs.
    pub run_ids: Vec<String>,
    /// Any of these sessions.
    pub session_ids: Vec<String>,
    /// Where it came from.
    pub origins: Vec<Origin>,
    /// Metadata that the payload must have, as strings.
    pub metadata: BTreeMap<String, Vec<String>>,
    /// The beginning of an id or of a metadata value.
    pub q: Option<String>,
    /// Received at or after this.
    pub since: Option<Timestamp>,
    /// Received before this.
    pub until: Option<Timestamp>,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeliveryFilter {
    /// Any of these states.
    pub states: Vec<DeliveryState>,
    /// Any of these sinks.
    pub sinks: Vec<SinkName>,
    /// Of events about any of these tasks.
    pub task_ids: Vec<String>,
    /// Of this event.
    pub event: Option<EventId>,
}

/// Which stretch of a listing.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// In which direction.
    pub order: Order,
    /// Begin behind this row, in that direction.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A stretch of a listing.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What was found. It may be less than asked for, even nothing, while `next` says there is
    /// more: a long search goes in steps.
    pub items: Vec<T>,
    /// Where to go on.
    pub next: Option<i64>,
}
