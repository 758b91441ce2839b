//! What the Cloud API says of a task, in our own words.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::ApiVersion;
use super::Observation;
use super::Source;
use super::TaskKey;
use super::TaskState;
use super::observation::micros;

/// What one version of the API says of a task, a run or a session. Cookies and secrets are not in
/// it, nor the address that hands over control of its browser: it may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskReport {
    /// The version that answered.
    pub api: ApiVersion,
    /// The vendor's id, and what it is of: v1 and v2 know tasks, v3 sessions, v4 runs.
    pub key: TaskKey,
    /// The vendor's word for how it stands.
    pub status: Box<str>,
    /// Its session; none in v1, and where the session is the task.
    pub session_id: Option<Box<str>>,
    /// What it was told to do; v3 tells only a title.
    pub task: Option<Box<str>>,
    /// What it came to: text, and of v3 whatever shape was asked for, as JSON.
    pub output: Option<Box<str>>,
    /// What went wrong, where that is told.
    pub error: Option<Box<str>>,
    /// Whether it did what it was told, where that is known.
    pub outcome: Option<TaskOutcome>,
    /// What it cost so far, in USD, as the vendor writes it; none in v1.
    pub cost: Option<Box<str>>,
    /// Its metadata: JSON in canonical form, as observations keep it.
    pub metadata: Option<Box<str>>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it began; only v2 tells.
    pub started_at: Option<Timestamp>,
    /// When it ended. None in v3 and v4: the time of their last change moves on after the end.
    pub finished_at: Option<Timestamp>,
    /// How many steps it took so far; only v3 tells. It is not kept.
    pub steps: Option<u64>,
    /// The files it made.
    pub files: Vec<OutputFile>,
}

/// Whether a task did what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskOutcome {
    /// It did, as the judge says, else the agent itself.
    Success,
    /// It did not.
    Failure,
}

/// A file that a task made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// What it is asked for by: v1 has only names.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

impl TaskReport {
    /// A report that says how a task stands, and nothing else.
    #[must_use]
    pub fn new(api: ApiVersion, id: impl Into<Box<str>>, status: impl Into<Box<str>>) -> Self {
        let key = TaskKey {
            kind: api.kind(),
            id: id.into(),
        };
        Self {
            api,
            key,
            status: status.into(),
            session_id: None,
            task: None,
            output: None,
            error: None,
            outcome: None,
            cost: None,
            metadata: None,
            created_at: None,
            started_at: None,
            finished_at: None,
            steps: None,
            files: Vec::new(),
        }
    }

    /// What the vendor's word means.
    #[must_use]
    pub fn state(&self) -> TaskState {
        TaskState::of(&self.status)
    }

    /// What it says of how the task stands, told by `source` when it was asked at `as_of`. Where
    /// no time is told that it was created or ended at, it was so when it was asked.
    #[must_use]
    pub fn observation(&self, source: Source, as_of: Timestamp) -> Observation {
        let told = match self.state() {
            TaskState::Created => self.created_at,
            state if state.ended() => self.finished_at,
            _ => None,
        };
        Observation {
            source,
            at: micros(told.unwrap_or(as_of)),
            seen_at: micros(as_of),
            word: Some(self.status.clone()),
            run_id: None,
            session_id: self.session_id.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskKind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_report_was_so_when_it_says_or_else_when_it_was_asked() {
        let told = |status: &str| {
            let report = TaskReport {
                created_at: Some(at(1)),
                finished_at: Some(at(5)),
                ..TaskReport::new(ApiVersion::V2, "t", status)
            };
            report.observation(Source::LookUp, at(9)).at.as_second()
        };
        assert_eq!((told("created"), told("finished")), (1, 5));
        assert_eq!((told("started"), told("brand new")), (9, 9));
        let untold = TaskReport::new(ApiVersion::V4, "r", "completed");
        assert_eq!(untold.observation(Source::LookUp, at(9)).at, at(9));
        assert_eq!(untold.key.kind, TaskKind::Run);
    }
}
