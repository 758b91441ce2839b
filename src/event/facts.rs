//! What a body says of itself.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::time;
use crate::canonical;
use crate::canonical::Document;
use crate::task::TaskState;

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
    /// Reads a body.
    ///
    /// Today's bodies are `{type, timestamp, payload}`. Those before May 2025 were the payload
    /// alone, so without a payload its fields are looked for at the top.
    #[must_use]
    pub fn read(document: &Document) -> Self {
        let mut facts = Self::default();
        let mut payload = None;
        for member in document.members() {
            match member.key {
                b"type" => facts.kind = text(member.value),
                b"timestamp" => facts.occurred_at = moment(member.value),
                b"payload" if member.value.starts_with(b"{") => payload = Some(member.value),
                _ => {}
            }
        }
        facts.read_payload(payload.unwrap_or(document.python()));
        facts
    }

    fn read_payload(&mut self, payload: &[u8]) {
        for member in canonical::members(payload) {
            match member.key {
                b"status" => self.status = text(member.value),
                // The vendor's pages spelled ids the second way for a month. Capitals are sorted
                // before underscores, so today's spelling comes later and wins.
                b"task_id" | b"taskId" => self.task_id = text(member.value),
                b"run_id" | b"runId" => self.run_id = text(member.value),
                b"session_id" | b"sessionId" => self.session_id = text(member.value),
                b"metadata" => self.metadata = plain(member.value),
                _ => {}
            }
        }
    }

    /// What the status means.
    #[must_use]
    pub fn state(&self) -> Option<TaskState> {
        self.status.as_deref().map(TaskState::of)
    }

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

fn text(value: &[u8]) -> Option<Box<str>> {
    canonical::string(value).map(String::into_boxed_str)
}

fn moment(value: &[u8]) -> Option<Timestamp> {
    time::read(&canonical::string(value)?)
}

/// The value as JSON that every client can read.
fn plain(value: &[u8]) -> Option<Arc<RawValue>> {
    let document = Document::read(value).ok()?;
    if !document.is_plain() || value == b"null" {
        return None;
    }
    let json = RawValue::from_string(document.as_str().to_owned()).ok()?;
    Some(json.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(body: &str) -> Facts {
        Facts::read(&Document::read(body.as_bytes()).unwrap())
    }

    #[test]
    fn todays_body_is_read() {
        let facts = facts(
            r#"{"type":"agent.task.status_update","timestamp":"2025-05-25T09:22:22.269116+00:00",
                "payload":{"session_id":"s-1","task_id":"t-1","status":"finished",
                           "metadata":{"team":"marketing","n":1.10}}}"#,
        );
        assert_eq!(facts.kind.as_deref(), Some("agent.task.status_update"));
        assert_eq!(facts.status.as_deref(), Some("finished"));
        assert_eq!(facts.task_id.as_deref(), Some("t-1"));
        assert_eq!(facts.session_id.as_deref(), Some("s-1"));
        assert_eq!(
            facts.metadata.unwrap().get(),
            r#"{"n":1.1,"team":"marketing"}"#
        );
        let occurred_at = "2025-05-25T09:22:22.269116Z".parse().unwrap();
        assert_eq!(facts.occurred_at, Some(occurred_at));
    }

    #[test]
    fn the_flat_body_of_early_days_is_read() {
        let facts = facts(r#"{"session_id":"s-1","task_id":"t-1","status":"initializing"}"#);
        assert_eq!(facts.status.as_deref(), Some("initializing"));
        assert_eq!(facts.order_key(), Some("t-1"));
        assert_eq!(facts.kind, None);
    }

    #[test]
    fn an_older_spelling_stands_in_for_todays() {
        let old = facts(r#"{"payload":{"taskId":"old","sessionId":"s"}}"#);
        assert_eq!(old.task_id.as_deref(), Some("old"));
        assert_eq!(old.session_id.as_deref(), Some("s"));
        let both = facts(r#"{"payload":{"task_id":"new","taskId":"old"}}"#);
        assert_eq!(both.task_id.as_deref(), Some("new"));
    }

    #[test]
    fn a_field_of_another_kind_is_none() {
        let facts = facts(
            r#"{"type":1,"timestamp":5,"payload":{"task_id":null,"run_id":["r"],"status":{},"metadata":null}}"#,
        );
        assert_eq!(facts.kind, None);
        assert_eq!(facts.occurred_at, None);
        assert_eq!(facts.status, None);
        assert_eq!(facts.order_key(), None);
        assert!(facts.metadata.is_none());
    }

    #[test]
    fn metadata_that_some_clients_cannot_read_is_none() {
        assert!(
            facts(r#"{"payload":{"metadata":{"a":NaN}}}"#)
                .metadata
                .is_none()
        );
        assert!(
            facts(r#"{"a":NaN,"payload":{"metadata":{"b":1}}}"#)
                .metadata
                .is_some()
        );
    }

    #[test]
    fn any_value_is_a_body() {
        for body in [
            "null",
            "[]",
            "1",
            r#""x""#,
            "{}",
            r#"{"payload":[{"status":"x"}]}"#,
        ] {
            assert_eq!(facts(body).status, None, "{body}");
        }
    }
}
