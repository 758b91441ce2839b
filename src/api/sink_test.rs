//! Trying a sink out: one event that nobody can take for news, sent once and stored nowhere; or one
//! that came, and whether the sink takes it, without sending it.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;

use super::auth::Operate;
use super::error::ApiError;
use super::id::Id;
use super::payload::Payload;
use super::sink_look::Configured;
use super::sink_look::Kept;
use super::sink_verdict::VerdictView;
use super::sink_verdict::judge;
use super::state::ApiState;
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
use crate::keyring::Keyring;
use crate::name::EndpointName;
use crate::name::SinkName;
use crate::period;
use crate::sinks::Outbound;
use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::task::Enrichment;

/// The type of the event that tries a sink out.
const TYPE: &str = "tidings.test";

pub(super) fn router() -> Router<ApiState> {
    Router::new().route("/sinks/{name}/test", post(test))
}

/// Of what: an event that came is only looked at. Without one a test is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Tested {
    event: Option<EventId>,
}

/// What a test found.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Found {
    Sent(TestView),
    Judged(VerdictView),
}

/// How a sink took its test, as JSON.
#[derive(Debug, Serialize)]
struct TestView {
    event_id: EventId,
    outcome: Outcome,
    status: Option<u16>,
    duration_ms: i128,
    error: Option<String>,
    answer: Option<String>,
}

/// Sends a sink one test event, now, and says how it went; nothing is stored. Or says of an event
/// that came why the sink did or did not get it; nothing is sent.
async fn test(
    _: Operate,
    State(kept): State<Kept>,
    State(clock): State<Arc<dyn Clock>>,
    State(keyring): State<Keyring>,
    State(configured): State<Configured>,
    Id(name): Id<SinkName>,
    Payload(tested): Payload<Tested>,
) -> Result<Json<Found>, ApiError> {
    let (entry, route) = configured.find(&name)?;
    let Some(id) = tested.event else {
        let wants_task = route.enrich.is_some();
        let sent = try_out(entry, keyring.first(), wants_task, &*clock).await;
        return Ok(Json(Found::Sent(sent)));
    };
    let event = kept.event(id).await?;
    Ok(Json(Found::Judged(judge(route, &event, &kept).await?)))
}

/// Sends a sink its test and says how it took it.
///
/// `endpoint` is the one in whose name its event is told.
async fn try_out(
    entry: &SinkEntry,
    endpoint: EndpointName,
    wants_task: bool,
    clock: &dyn Clock,
) -> TestView {
    let started_at = clock.now();
    let event = Arc::new(test_event(entry, endpoint, started_at));
    let event_id = event.id;
    let outbound = Outbound {
        event,
        // Its templates are written for events that have it, one way or the other.
        enrichment: wants_task.then(|| Enrichment::unavailable("this is a test, of no task")),
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
