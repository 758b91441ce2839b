//! What the API says of a task, in our own words.

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;

use super::v1;
use super::v2;
use super::v3;
use super::v4;
use super::wire::Moment;
use crate::canonical::Document;
use crate::task::ApiVersion;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TaskState;

/// What one version of the API says of a task, a run or a session. Cookies and secrets are not in
/// it, nor the address that hands over control of its browser: it may be stored.
#[derive(Clone, Debug, PartialEq)]
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
    /// The files it made.
    pub files: Vec<OutputFile>,
}

/// Whether a task did what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskOutcome {
    /// It did, as the judge says, else the agent itself.
    Success,
    /// It did not.
    Failure,
}

impl TaskOutcome {
    fn of(is_success: bool) -> Self {
        if is_success {
            Self::Success
        } else {
            Self::Failure
        }
    }
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
    /// What the vendor's word means.
    #[must_use]
    pub fn state(&self) -> TaskState {
        TaskState::of(&self.status)
    }

    /// A report that says how it stands, and nothing else.
    fn new(api: ApiVersion, id: String, status: String) -> Self {
        let kind = match api {
            ApiVersion::V1 | ApiVersion::V2 => TaskKind::Task,
            ApiVersion::V3 => TaskKind::Session,
            ApiVersion::V4 => TaskKind::Run,
        };
        Self {
            api,
            key: TaskKey {
                kind,
                id: id.into(),
            },
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
            files: Vec::new(),
        }
    }

    /// The outcome that the state alone tells: what failed did not succeed.
    fn failed(&self) -> Option<TaskOutcome> {
        (self.state() == TaskState::Failed).then_some(TaskOutcome::Failure)
    }
}

impl From<v1::Task> for TaskReport {
    fn from(task: v1::Task) -> Self {
        let report = Self::new(ApiVersion::V1, task.id, task.status);
        // In v1 a task has finished when it "has completed successfully".
        let finished = report.state() == TaskState::Finished;
        Self {
            task: text(task.task),
            output: text(task.output),
            outcome: report.failed().or(finished.then_some(TaskOutcome::Success)),
            metadata: task.metadata.as_ref().and_then(canonical),
            created_at: time(task.created_at.as_ref()),
            finished_at: time(task.finished_at.as_ref()),
            files: task
                .output_files
                .into_iter()
                .flatten()
                .map(|name| OutputFile {
                    id: name.as_str().into(),
                    name: name.into(),
                })
                .collect(),
            ..report
        }
    }
}

impl From<v2::Task> for TaskReport {
    fn from(task: v2::Task) -> Self {
        let report = Self::new(ApiVersion::V2, task.id, task.status);
        // The judge is the more reliable of the two, says the vendor.
        let verdict = task.judge_verdict.or(task.is_success);
        Self {
            session_id: text(task.session_id),
            task: text(task.task),
            output: text(task.output),
            outcome: verdict.map(TaskOutcome::of).or(report.failed()),
            cost: text(task.cost),
            metadata: task.metadata.as_ref().and_then(canonical),
            created_at: time(task.created_at.as_ref()),
            started_at: time(task.started_at.as_ref()),
            finished_at: time(task.finished_at.as_ref()),
            files: task
                .output_files
                .into_iter()
                .flatten()
                .map(|file| OutputFile {
                    id: file.id.into(),
                    name: file.file_name.into(),
                })
                .collect(),
            ..report
        }
    }
}

impl From<v3::Session> for TaskReport {
    fn from(session: v3::Session) -> Self {
        let report = Self::new(ApiVersion::V3, session.id, session.status);
        Self {
            task: text(session.title),
            output: session.output.map(|output| match output {
                Value::String(text) => text.into(),
                shaped => shaped.to_string().into(),
            }),
            // A session that was not kept alive is `stopped` also after a success.
            outcome: session
                .is_task_successful
                .map(TaskOutcome::of)
                .or(report.failed()),
            cost: text(session.total_cost_usd),
            created_at: time(session.created_at.as_ref()),
            ..report
        }
    }
}

impl From<v4::Run> for TaskReport {
    fn from(run: v4::Run) -> Self {
        let report = Self::new(ApiVersion::V4, run.id, run.status);
        Self {
            session_id: text(run.session_id),
            task: text(run.task),
            output: text(run.result),
            error: text(run.error),
            outcome: report.failed(),
            cost: text(run.total_cost_usd),
            created_at: time(run.created_at.as_ref()),
            ..report
        }
    }
}

fn text(text: Option<String>) -> Option<Box<str>> {
    text.map(Into::into)
}

fn canonical(metadata: &Map<String, Value>) -> Option<Box<str>> {
    let json = serde_json::to_vec(metadata).ok()?;
    let document = Document::read(&json).ok()?;
    Some(document.as_str().into())
}

fn time(moment: Option<&Moment>) -> Option<Timestamp> {
    moment.and_then(Moment::read)
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    fn report<T: DeserializeOwned + Into<TaskReport>>(answer: Value) -> TaskReport {
        serde_json::from_value::<T>(answer).unwrap().into()
    }

    #[test]
    fn cookies_and_the_way_into_the_browser_are_left_behind() {
        let report = report::<v1::Task>(json!({
            "id": "t-1", "status": "finished", "task": "look", "output": "seen",
            "created_at": "2025-05-25T09:22:22.269116+00:00",
            "finished_at": "2025-05-25T09:23:22",
            "browser_data": { "cookies": [{ "value": "c00kie" }] },
            "live_url": "https://live.test/1", "output_files": ["a.csv"],
            "metadata": { "team": "ä", "n": 1 }, "steps": [], "brand_new": { "x": 1 },
        }));
        let shown = format!("{report:?}");
        assert!(!shown.contains("c00kie") && !shown.contains("live.test"));
        assert_eq!(report.outcome, Some(TaskOutcome::Success));
        assert_eq!(&*report.files[0].name, "a.csv");
        let metadata = r#"{"n":1,"team":"\u00e4"}"#;
        assert_eq!(report.metadata.as_deref(), Some(metadata));
        assert_eq!(
            report.finished_at.unwrap().to_string(),
            "2025-05-25T09:23:22Z"
        );
    }

    #[test]
    fn the_judges_word_counts_for_more_than_the_agents() {
        let outcome = |is_success, judge_verdict, status| {
            report::<v2::Task>(json!({
                "id": "t-1", "status": status, "isSuccess": is_success,
                "judgeVerdict": judge_verdict,
            }))
            .outcome
        };
        let none = Value::Null;
        let (yes, no) = (Some(TaskOutcome::Success), Some(TaskOutcome::Failure));
        assert_eq!(outcome(json!(true), none.clone(), "finished"), yes);
        assert_eq!(outcome(json!(true), json!(false), "finished"), no);
        assert_eq!(outcome(none.clone(), none.clone(), "failed"), no);
        assert_eq!(outcome(none.clone(), none.clone(), "finished"), None);
        assert_eq!(outcome(none.clone(), none, "brand new"), None);
    }

    #[test]
    fn a_stopped_session_may_have_succeeded() {
        let report = report::<v3::Session>(json!({
            "id": "s-1", "status": "stopped", "isTaskSuccessful": true,
            "output": { "text": "seen" }, "totalCostUsd": "0.12",
        }));
        assert_eq!(report.state(), TaskState::Stopped);
        assert_eq!(report.outcome, Some(TaskOutcome::Success));
        assert_eq!(report.output.as_deref(), Some(r#"{"text":"seen"}"#));
    }

    #[test]
    fn a_run_says_what_went_wrong() {
        let report = report::<v4::Run>(json!({
            "id": "r-1", "status": "failed", "error": "no way", "sessionId": "s-1",
        }));
        assert_eq!(report.outcome, Some(TaskOutcome::Failure));
        assert_eq!(report.error.as_deref(), Some("no way"));
        assert_eq!(report.session_id.as_deref(), Some("s-1"));
        assert_eq!(report.key.kind, TaskKind::Run);
    }
}
