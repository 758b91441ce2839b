//! Events for those who need one at hand.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tidings::canonical::Document;
use tidings::delivery::DeliveryId;
use tidings::event::Event;
use tidings::event::EventId;
use tidings::event::Facts;
use tidings::event::NewEvent;
use tidings::event::Origin;
use tidings::name::EndpointName;
use tidings::sinks::Outbound;

/// The body of a status update. `n` makes it another event about the same task.
pub(crate) fn status_update(task: &str, n: usize) -> String {
    told(task, n, "started")
}

/// The same with another status.
pub(crate) fn told(task: &str, n: usize, status: &str) -> String {
    format!(
        r#"{{
            "type": "agent.task.status_update",
            "timestamp": "2025-05-25T09:22:22.269116+00:00",
            "payload": {{"session_id": "session_1", "task_id": "{task}", "status": "{status}",
                         "metadata": {{"n": "{n}"}}}}
        }}"#
    )
}

/// The event that a body makes.
pub(crate) fn new_event(body: &str, received_at: Timestamp) -> NewEvent {
    let document = Document::read(body.as_bytes()).unwrap();
    let facts = Facts::read(&document);
    let endpoint = EndpointName::default();
    NewEvent {
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin: Origin::Webhook,
        endpoint,
        received_at,
        facts,
        body: Bytes::copy_from_slice(body.as_bytes()),
        signature: None,
    }
}

/// The first try of an event, sent now.
pub(crate) fn outbound(body: &str, now: Timestamp) -> Outbound {
    let event = new_event(body, now);
    Outbound {
        event: Arc::new(Event {
            seq: 1,
            id: event.id,
            origin: event.origin,
            endpoint: event.endpoint,
            received_at: now,
            facts: event.facts,
            body: event.body,
            signature: None,
            times_received: 1,
            last_received_at: now,
            same_as: None,
        }),
        enrichment: None,
        delivery: DeliveryId::new(now, 1),
        attempt: 1,
        replay: false,
        sent_at: now,
    }
}
