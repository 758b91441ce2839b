//! A wish to have many delivered once more.

use std::fmt;

use serde::Serialize;

use crate::id::Kind;
use crate::id::RowId;

/// Marks the ids of replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayKind;

impl Kind for ReplayKind {
    const PREFIX: &'static str = "rpl_";
}

/// The id of a replay: `rpl_` and a UUID of version 7.
pub type ReplayId = RowId<ReplayKind>;

/// What is owed once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Again {
    /// Events, each as a delivery of its own.
    Replay,
    /// Deliveries that were given up, refused or discarded.
    Retry,
}

/// Where a replay stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayState {
    /// Some of it is still to be owed, or owed and not settled.
    Running,
    /// All that it owed is settled.
    Done,
    /// Somebody put an end to it: nothing more is owed.
    Cancelled,
}

impl ReplayState {
    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for ReplayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
