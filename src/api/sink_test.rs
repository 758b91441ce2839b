//! Trying a sink out: one event that nobody can take for news, sent once and stored nowhere.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;

use super::state::SinkEntry;
use crate::canonical::Document;
use crate::clock::Clock;
use crate::delivery::DeliveryId;
use crate::delivery::Outcome;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Facts;
use crate::event::Origin;
use crate::event::view::time;
use crate::name::EndpointName;
use crate::period;
use crate::sinks::Outbound;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// The type of the event that tries a sink out.
const TYPE: &str = "tidings.test";

/// How a sink took its test, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct TestView {
    event_id: EventId,
    outcome: Outcome,
    status: Option<u16>,
    duration_ms: i128,
    error: Option<String>,
    answer: Option<String>,
}

/// Sends a sink its test and says how it took it.
///
/// `endpoint` is the one in whose name its event is told.
pub(super) async fn try_out(
    entry: &SinkEntry,
    endpoint: EndpointName,
    clock: &dyn Clock,
) -> TestView {
    let started_at = clock.now();
    let event = Arc::new(test_event(entry, endpoint, started_at));
    let event_id = event.id;
    let outbound = Outbound {
        event,
        enrichment: None,
        delivery: DeliveryId::new(started_at, 0),
        attempt: 1,
        replay: false,
        sent_at: started_at,
    };
    let taken = timeout(entry.timeout, entry.sink.deliver(&outbound)).await;
    let (outcome, error, receipt) = match taken {
        Ok(Ok(receipt)) => (Outcome::Delivered, None, receipt),
        Ok(Err(SinkError::Retry { cause, receipt, .. })) => {
            (Outcome::Failed, Some(format!("{cause:#}")), receipt)
        }
        Ok(Err(SinkError::Reject { cause, receipt })) => {
            (Outcome::Refused, Some(format!("{cause:#}")), receipt)
        }
        Ok(Err(error @ SinkError::Unsendable { .. })) => (
            Outcome::Refused,
            Some(error.to_string()),
            Receipt::default(),
        ),
        Err(_) => {
            let error = format!("no answer within {}", period::text(entry.timeout));
            (Outcome::Failed, Some(error), Receipt::default())
        }
    };
    TestView {
        event_id,
        outcome,
        status: receipt.status,
        duration_ms: clock.now().duration_since(started_at).as_millis(),
        error,
        answer: receipt.answer,
    }
}

fn test_event(entry: &SinkEntry, endpoint: EndpointName, now: Timestamp) -> Event {
    let body = json!({
        "type": TYPE,
        "timestamp": time(now),
        "payload": {
            "sink": entry.name,
            "message": "This is a test of this sink, asked for by hand. No task is meant.",
        },
    });
    let body = Bytes::from(body.to_string());
    let document = Document::read(&body).expect("serde_json writes JSON within our bounds");
    Event {
        seq: 0,
        id: EventId::of_body(&endpoint, Some(now), document.python()),
        origin: Origin::Tidings,
        endpoint,
        received_at: now,
        facts: Facts::read(&document),
        body,
        signature: None,
        times_received: 1,
        last_received_at: now,
        same_as: None,
    }
}
