//! The shape in which the API and the sinks see an event.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::DeliveryCounts;
use super::Event;
use super::EventId;
use super::Origin;
use super::Seq;
use super::Sighting;
use super::Signature;
use super::SignatureForm;
use crate::canonical::Document;
use crate::name::EndpointName;
use crate::task::Enrichment;
use crate::task::TaskState;

/// An event as JSON shows it; `docs/api.md` explains each field.
#[derive(Clone, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of `Event`, explained there"
)]
pub struct EventView {
    pub id: EventId,
    pub seq: Seq,
    #[serde(flatten)]
    pub told: Told,
    pub times_received: u64,
    pub last_received_at: String,
    pub same_as: Option<EventId>,
    pub signature: Option<SignatureView>,
    /// Absent where nobody asked for it: a sink cannot know how its own delivery ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<DeliveryCounts>,
    /// What sinks that want it are sent of the task.
    #[serde(flatten)]
    pub enrichment: Option<Enrichment>,
}

/// What an event tells, and who told it when: all of it is known when it arrives.
#[derive(Clone, Debug, Serialize)]
#[expect(
    missing_docs,
    reason = "the fields are those of `Event`, explained there"
)]
pub struct Told {
    #[serde(rename = "type")]
    pub kind: Option<Box<str>>,
    pub origin: Origin,
    pub endpoint: EndpointName,
    pub received_at: String,
    pub occurred_at: Option<String>,
    pub task_id: Option<Box<str>>,
    pub run_id: Option<Box<str>>,
    pub session_id: Option<Box<str>>,
    pub status: Option<Box<str>>,
    /// What the status means.
    pub state: Option<TaskState>,
    /// Whether it tells of a task's end.
    pub ended: bool,
    pub metadata: Option<Arc<RawValue>>,
    pub body: Option<Box<RawValue>>,
    pub body_text: Option<String>,
}

/// How an event proved to be genuine.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureView {
    /// What was signed.
    pub form: SignatureForm,
    /// The name of the secret that matched.
    pub secret: Arc<str>,
}

impl EventView {
    /// Shows an event, with the counts of its deliveries where they are known.
    #[must_use]
    pub fn new(event: &Event, deliveries: Option<DeliveryCounts>) -> Self {
        Self {
            id: event.id,
            seq: event.seq,
            told: Told::by(event.into()),
            times_received: event.times_received,
            last_received_at: time(event.last_received_at),
            same_as: event.same_as,
            signature: event.signature.as_ref().map(SignatureView::new),
            deliveries,
            enrichment: None,
        }
    }

    /// An event as a sink sees it, with what it is sent of the task.
    #[must_use]
    pub fn sent(event: &Event, enrichment: Option<&Enrichment>) -> Self {
        Self {
            enrichment: enrichment.cloned(),
            ..Self::new(event, None)
        }
    }
}

impl Told {
    /// What this event tells.
    #[must_use]
    pub fn by(event: Sighting<'_>) -> Self {
        let (body, body_text) = show_body(event.body);
        let facts = event.facts.clone();
        let state = facts.state();
        Self {
            kind: facts.kind,
            origin: event.origin,
            endpoint: event.endpoint.clone(),
            received_at: time(event.received_at),
            occurred_at: facts.occurred_at.map(time),
            task_id: facts.task_id,
            run_id: facts.run_id,
            session_id: facts.session_id,
            status: facts.status,
            ended: state.as_ref().is_some_and(TaskState::ended),
            state,
            metadata: facts.metadata,
            body,
            body_text,
        }
    }
}

impl SignatureView {
    pub(super) fn new(signature: &Signature) -> Self {
        Self {
            form: signature.form,
            secret: Arc::clone(&signature.secret),
        }
    }
}

/// The body as JSON, or as a string where not every client could read it as JSON.
fn show_body(bytes: &[u8]) -> (Option<Box<RawValue>>, Option<String>) {
    let Ok(document) = Document::read(bytes) else {
        return (None, Some(String::from_utf8_lossy(bytes).into_owned()));
    };
    let text = document.as_str().to_owned();
    if !document.is_plain() {
        return (None, Some(text));
    }
    match RawValue::from_string(text) {
        Ok(json) => (Some(json), None),
        Err(_) => (None, Some(document.as_str().to_owned())),
    }
}

/// A time as the API writes it: RFC 3339, UTC, six digits, `Z`.
#[must_use]
pub fn time(time: Timestamp) -> String {
    format!("{time:.6}")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::Facts;
    use super::*;

    fn event(body: &'static str) -> Event {
        let document = Document::read(body.as_bytes()).unwrap();
        let facts = Facts::read(&document);
        let endpoint = EndpointName::default();
        Event {
            seq: 7,
            id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
            origin: Origin::Webhook,
            endpoint,
            received_at: "2025-05-25T09:22:23Z".parse().unwrap(),
            facts,
            body: Bytes::from_static(body.as_bytes()),
            signature: Some(Signature {
                form: SignatureForm::Python,
                secret: "#1".into(),
                timestamp: "1748164942".into(),
                value: "00".into(),
                signed_at: Timestamp::UNIX_EPOCH,
            }),
            times_received: 1,
            last_received_at: "2025-05-25T09:22:23.5Z".parse().unwrap(),
            same_as: None,
        }
    }

    #[test]
    fn an_event_is_shown_with_its_body_as_json() {
        let body = r#"{"type":"test","timestamp":"2025-05-25T09:22:22.269116+00:00","payload":{"a":1,"a":2}}"#;
        let view = EventView::new(&event(body), Some(DeliveryCounts::default()));
        insta::assert_snapshot!(serde_json::to_string_pretty(&view).unwrap(), @r##"
        {
          "id": "evt_019706c0-19bd-8ae8-b035-36a7e4ada891",
          "seq": 7,
          "type": "test",
          "origin": "webhook",
          "endpoint": "default",
          "received_at": "2025-05-25T09:22:23.000000Z",
          "occurred_at": "2025-05-25T09:22:22.269116Z",
          "task_id": null,
          "run_id": null,
          "session_id": null,
          "status": null,
          "state": null,
          "ended": false,
          "metadata": null,
          "body": {"payload":{"a":2},"timestamp":"2025-05-25T09:22:22.269116+00:00","type":"test"},
          "body_text": null,
          "times_received": 1,
          "last_received_at": "2025-05-25T09:22:23.500000Z",
          "same_as": null,
          "signature": {
            "form": "python",
            "secret": "#1"
          },
          "deliveries": {
            "pending": 0,
            "delivered": 0,
            "dead": 0,
            "discarded": 0
          }
        }
        "##);
    }

    #[test]
    fn a_body_that_is_not_plain_json_is_shown_as_text() {
        let view = EventView::new(&event(r#"{"payload": NaN}"#), None);
        assert!(view.told.body.is_none());
        assert_eq!(view.told.body_text.as_deref(), Some(r#"{"payload":NaN}"#));
        let json = serde_json::to_value(view).unwrap();
        assert!(json.get("deliveries").is_none());
    }

    #[test]
    fn times_have_six_digits() {
        let written = |text: &str| time(text.parse().unwrap());
        assert_eq!(
            written("2025-05-25T09:22:22Z"),
            "2025-05-25T09:22:22.000000Z"
        );
        assert_eq!(
            written("2025-05-25T09:22:22.9999999Z"),
            "2025-05-25T09:22:22.999999Z"
        );
    }
}
