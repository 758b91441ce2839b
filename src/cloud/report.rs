//! What each version says of a task, in our own words.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::v1;
use super::v2;
use super::v3;
use super::v4;
use super::wire::Moment;
use crate::canonical::Document;
use crate::task::ApiVersion;
use crate::task::OutputFile;
use crate::task::TaskOutcome;
use crate::task::TaskReport;
use crate::task::TaskState;

impl From<v1::Task> for TaskReport {
    fn from(task: v1::Task) -> Self {
        let report = Self::new(ApiVersion::V1, task.id, task.status);
        // In v1 a task has finished when it "has completed successfully".
        let finished = report.state() == TaskState::Finished;
        Self {
            task: text(task.task),
            output: text(task.output),
            outcome: failed(&report).or(finished.then_some(TaskOutcome::Success)),
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

impl From<v1::TaskSummary> for TaskReport {
    /// A listing tells neither metadata nor files.
    fn from(task: v1::TaskSummary) -> Self {
        let report = Self::new(ApiVersion::V1, task.id, task.status);
        Self {
            task: text(task.task),
            output: text(task.output),
            created_at: time(task.created_at.as_ref()),
            finished_at: time(task.finished_at.as_ref()),
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
            outcome: verdict.map(outcome).or(failed(&report)),
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
            outcome: session.is_task_successful.map(outcome).or(failed(&report)),
            cost: text(session.total_cost_usd),
            created_at: time(session.created_at.as_ref()),
            steps: session.step_count,
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
            outcome: failed(&report),
            cost: text(run.total_cost_usd),
            created_at: time(run.created_at.as_ref()),
            ..report
        }
    }
}

fn outcome(is_success: bool) -> TaskOutcome {
    if is_success {
        TaskOutcome::Success
    } else {
        TaskOutcome::Failure
    }
}

/// The outcome that the state alone tells: what failed did not succeed.
fn failed(report: &TaskReport) -> Option<TaskOutcome> {
    (report.state() == TaskState::Failed).then_some(TaskOutcome::Failure)
}

fn text(text: Option<String>) -> Option<Box<str>> {
    text.map(Into::into)
}

/// Metadata as observations keep it.
pub(super) fn canonical(metadata: &impl Serialize) -> Option<Box<str>> {
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
    use crate::task::TaskKind;

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
