//! What the Cloud API says of a task, as the event that no webhook brought.

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::canonical::CanonicalError;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::name::EndpointName;
use crate::task::Milestone;
use crate::task::TaskKind;
use crate::task::TaskReport;
use crate::task::TaskState;

/// The event that tells that a task has reached a milestone, seen at `now`. Its body has the shape
/// and the words of the vendor's webhooks. Whoever tells the same makes the same body, and so the
/// same id: nothing in it depends on when somebody looked.
///
/// Fails if the vendor's metadata is beyond what a body may hold.
pub(super) fn event(
    report: &TaskReport,
    milestone: Milestone,
    endpoint: &EndpointName,
    now: Timestamp,
) -> Result<NewEvent, CanonicalError> {
    let body = body(report, milestone);
    NewEvent::of_ours(Origin::Reconcile, endpoint, &body, now)
}

fn body(report: &TaskReport, milestone: Milestone) -> Value {
    let key = &report.key;
    let own = (key.kind.id_name(), Some(json!(key.id)));
    let session = report.session_id.as_ref().map(|id| json!(id));
    let metadata = report.metadata.as_deref();
    // Webhooks have no such field. Without it all turns of a session would be one event.
    let steps = report.steps.filter(|_| milestone == Milestone::Turn);
    // The time of the last change is none: it moves on after the end.
    let at = match milestone {
        Milestone::Start => report.created_at,
        Milestone::Turn => None,
        Milestone::End => report.finished_at,
    };
    let payload = present([
        (TaskKind::Session.id_name(), session),
        own,
        ("status", Some(json!(webhooks_word(report)))),
        (
            "metadata",
            metadata.and_then(|text| serde_json::from_str(text).ok()),
        ),
        ("step_count", steps.map(|steps| json!(steps))),
    ]);
    Value::Object(present([
        ("type", Some(json!(type_of(key.kind)))),
        ("timestamp", at.map(|at| json!(at.to_string()))),
        ("payload", Some(Value::Object(payload))),
    ]))
}

/// The members that have a value.
fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let present = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
    members.into_iter().filter_map(present).collect()
}

/// Runs have no documented webhooks; users report this type of theirs, too.
fn type_of(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Task => "agent.task.status_update",
        TaskKind::Run | TaskKind::Session => "session.status.update",
    }
}

/// How webhooks call what the API reports: they have words of their own for a task's beginning.
fn webhooks_word(report: &TaskReport) -> &str {
    match (report.key.kind, report.state()) {
        (TaskKind::Task, TaskState::Created) => "initializing",
        (TaskKind::Task, TaskState::Running) => "started",
        _ => &report.status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::ApiVersion;
    use crate::task::TaskKey;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(report: &TaskReport, milestone: Milestone) -> String {
        let endpoint = EndpointName::default();
        let event = event(report, milestone, &endpoint, at(99)).unwrap();
        let again = super::event(report, milestone, &endpoint, at(100)).unwrap();
        assert_eq!(event.id, again.id);
        assert_eq!(TaskKey::of(&event.facts).unwrap(), report.key);
        String::from_utf8(event.body.to_vec()).unwrap()
    }

    #[test]
    fn an_end_reads_as_a_webhook_does() {
        let report = TaskReport {
            session_id: Some("s-1".into()),
            metadata: Some(r#"{"team":"red"}"#.into()),
            created_at: Some(at(1)),
            finished_at: Some(at(2)),
            ..TaskReport::new(ApiVersion::V2, "t-1", "finished")
        };
        insta::assert_snapshot!(told(&report, Milestone::End), @r#"{"payload":{"metadata":{"team":"red"},"session_id":"s-1","status":"finished","task_id":"t-1"},"timestamp":"1970-01-01T00:00:02Z","type":"agent.task.status_update"}"#);
    }

    #[test]
    fn a_start_has_the_words_of_webhooks() {
        let report = TaskReport {
            created_at: Some(at(1)),
            ..TaskReport::new(ApiVersion::V1, "t-1", "running")
        };
        insta::assert_snapshot!(told(&report, Milestone::Start), @r#"{"payload":{"status":"started","task_id":"t-1"},"timestamp":"1970-01-01T00:00:01Z","type":"agent.task.status_update"}"#);
    }

    #[test]
    fn turns_of_a_session_differ_by_their_steps() {
        let turn = |steps| {
            let report = TaskReport {
                steps: Some(steps),
                ..TaskReport::new(ApiVersion::V3, "s-1", "idle")
            };
            told(&report, Milestone::Turn)
        };
        insta::assert_snapshot!(turn(7), @r#"{"payload":{"session_id":"s-1","status":"idle","step_count":7},"type":"session.status.update"}"#);
        assert_ne!(turn(7), turn(8));
    }

    #[test]
    fn a_run_names_its_session_and_no_time() {
        let report = TaskReport {
            session_id: Some("s-1".into()),
            created_at: Some(at(1)),
            ..TaskReport::new(ApiVersion::V4, "r-1", "cancelled")
        };
        insta::assert_snapshot!(told(&report, Milestone::End), @r#"{"payload":{"run_id":"r-1","session_id":"s-1","status":"cancelled"},"type":"session.status.update"}"#);
    }
}
