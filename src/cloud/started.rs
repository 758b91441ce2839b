//! What is known of a task from the call that started it.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use super::report::canonical;
use super::v1::Created;
use super::v1::RunTask;
use super::v2::CreateTask;
use super::v2::CreatedTask;
use crate::task::ApiVersion;
use crate::task::TaskReport;

/// The vendor's word for a task that was just started.
const CREATED: &str = "created";

/// What a call that starts a task says of it, in each version.
#[derive(Deserialize)]
struct Asked {
    task: Box<str>,
    metadata: Option<Map<String, Value>>,
}

/// What the answer says; v1 names no session.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    id: Box<str>,
    session_id: Option<Box<str>>,
}

/// What is known of a task from the bodies of the call that started it and of its answer. None: the
/// answer names none.
#[must_use]
pub fn started(api: ApiVersion, asked: &[u8], answered: &[u8]) -> Option<TaskReport> {
    let Answered { id, session_id } = serde_json::from_slice(answered).ok()?;
    let asked: Option<Asked> = serde_json::from_slice(asked).ok();
    let (task, metadata) = asked.map(|asked| (asked.task, asked.metadata)).unzip();
    Some(TaskReport {
        session_id,
        task,
        metadata: metadata.flatten().as_ref().and_then(canonical),
        ..TaskReport::new(api, id, CREATED)
    })
}

/// The same, of a task of v1.
pub(super) fn started_in_v1(asked: &RunTask, created: Created) -> TaskReport {
    TaskReport {
        task: Some(asked.task.as_str().into()),
        metadata: asked.metadata.as_ref().and_then(canonical),
        ..TaskReport::new(ApiVersion::V1, created.id, CREATED)
    }
}

/// The same, of a task of v2.
pub(super) fn started_in_v2(asked: &CreateTask, created: CreatedTask) -> TaskReport {
    TaskReport {
        session_id: created.session_id.map(Into::into),
        task: Some(asked.task.as_str().into()),
        metadata: asked.metadata.as_ref().and_then(canonical),
        ..TaskReport::new(ApiVersion::V2, created.id, CREATED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_known_by_what_was_asked_and_answered() {
        let asked = br#"{"task":"look","secrets":{"a":"b"},"metadata":{"team":"x","a":"b"}}"#;
        let expected = TaskReport {
            task: Some("look".into()),
            metadata: Some(r#"{"a":"b","team":"x"}"#.into()),
            ..TaskReport::new(ApiVersion::V1, "t", "created")
        };
        let told = started(ApiVersion::V1, asked, br#"{"id":"t"}"#);
        assert_eq!(told, Some(expected));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let told = started(ApiVersion::V2, b"{}", br#"{"id":"t","sessionId":"s"}"#);
        let expected = TaskReport {
            session_id: Some("s".into()),
            ..TaskReport::new(ApiVersion::V2, "t", "created")
        };
        assert_eq!(told, Some(expected));
        assert_eq!(started(ApiVersion::V2, b"{}", b"accepted"), None);
    }
}
