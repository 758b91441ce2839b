//! The versions of the vendor's API.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::TaskKind;

/// A version of the vendor's API. Each knows other tasks: an id of one is unknown to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// The oldest: tasks, schedules, profiles, searches.
    V1,
    /// Tasks with sessions.
    V2,
    /// Sessions instead of tasks.
    V3,
    /// Runs.
    V4,
}

impl ApiVersion {
    /// What its tasks are.
    #[must_use]
    pub fn kind(self) -> TaskKind {
        match self {
            Self::V1 | Self::V2 => TaskKind::Task,
            Self::V3 => TaskKind::Session,
            Self::V4 => TaskKind::Run,
        }
    }

    /// As it stands in addresses and in the configuration: `v1` to `v4`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
            Self::V4 => "v4",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
