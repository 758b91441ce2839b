//! Deliveries: what is owed, how it went, and what becomes of it.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use serde::Serialize;

use super::auth::Operate;
use super::auth::Read;
use super::error::ApiError;
use super::filter;
use super::id::Id;
use super::page::Listing;
use super::page::Paging;
use super::params::Params;
use super::payload::Payload;
use super::state::ApiState;
use crate::clock::Clock;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::delivery::Outcome;
use crate::event::EventId;
use crate::event::view::time;
use crate::name::SinkName;
use crate::store::Changed;
use crate::store::DeliveryQueue;

/// How long the reason for a discard may be, in bytes.
const REASON_LIMIT: usize = 200;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/deliveries", get(list))
        .route("/deliveries/{id}", get(show))
        .route("/deliveries/{id}/retry", post(retry))
        .route("/deliveries/{id}/discard", post(discard))
}

/// Deliveries, newest first.
async fn list(
    _: Read,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    mut params: Params,
) -> Result<Json<Listing<DeliveryView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    let filter = filter::deliveries(&mut params)?;
    params.finish()?;

    let page = queue.deliveries(&filter, paging.slice).await?;
    Ok(paging.answer(&page, DeliveryView::new))
}

/// One delivery, with its attempts.
async fn show(
    _: Read,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    Id(id): Id<DeliveryId>,
) -> Result<Json<DeliveryWithAttempts>, ApiError> {
    let found = queue.delivery(id).await?;
    let (delivery, attempts) = found.ok_or_else(|| ApiError::unknown(&id))?;
    Ok(Json(DeliveryWithAttempts {
        delivery: DeliveryView::new(&delivery),
        attempt_list: attempts.iter().map(AttemptView::new).collect(),
    }))
}

/// Owes a delivery again, at once.
async fn retry(
    _: Operate,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    State(clock): State<Arc<dyn Clock>>,
    Id(id): Id<DeliveryId>,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    let delivery = done(id, queue.retry(id, clock.now()).await?)?;
    Ok((StatusCode::ACCEPTED, delivery))
}

/// Why a delivery is not to be delivered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Discard {
    reason: Option<String>,
}

/// Ends a delivery without delivering it.
async fn discard(
    _: Operate,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    State(clock): State<Arc<dyn Clock>>,
    Id(id): Id<DeliveryId>,
    Payload(Discard { reason }): Payload<Discard>,
) -> Result<Json<DeliveryView>, ApiError> {
    let reason = reason.unwrap_or_else(|| "discarded by hand".to_owned());
    if reason.len() > REASON_LIMIT {
        let problem = format!("is longer than {REASON_LIMIT} bytes");
        return Err(ApiError::parameter("reason", problem));
    }
    done(id, queue.discard(id, &reason, clock.now()).await?)
}

fn done(id: DeliveryId, changed: Changed) -> Result<Json<DeliveryView>, ApiError> {
    match changed {
        Changed::Done(delivery) => Ok(Json(DeliveryView::new(&delivery))),
        Changed::NotNow(state) => Err(ApiError::NotNow(state)),
        Changed::Unknown => Err(ApiError::unknown(&id)),
    }
}

/// A delivery as JSON.
#[derive(Debug, Serialize)]
pub(super) struct DeliveryView {
    id: DeliveryId,
    event_id: EventId,
    sink: SinkName,
    state: DeliveryState,
    reason: Option<String>,
    attempts: u32,
    next_attempt_at: Option<String>,
    created_at: String,
    settled_at: Option<String>,
    replay: bool,
    last_answer: Option<String>,
}

impl DeliveryView {
    pub(super) fn new(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id,
            event_id: delivery.event_id,
            sink: delivery.sink.clone(),
            state: delivery.state,
            reason: delivery.reason.clone(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at.map(time),
            created_at: time(delivery.created_at),
            settled_at: delivery.settled_at.map(time),
            replay: delivery.replay,
            last_answer: delivery.last_answer.clone(),
        }
    }
}

/// A delivery and each try of it.
#[derive(Debug, Serialize)]
struct DeliveryWithAttempts {
    #[serde(flatten)]
    delivery: DeliveryView,
    /// `attempts` is their number, here as everywhere.
    attempt_list: Vec<AttemptView>,
}

/// An attempt as JSON.
#[derive(Debug, Serialize)]
struct AttemptView {
    number: u32,
    started_at: String,
    duration_ms: i128,
    outcome: Outcome,
    status: Option<u16>,
    error: Option<String>,
    answer: Option<String>,
}

impl AttemptView {
    fn new(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number.get(),
            started_at: time(attempt.started_at),
            duration_ms: attempt.duration.as_millis(),
            outcome: attempt.outcome,
            status: attempt.status,
            error: attempt.error.clone(),
            answer: attempt.answer.clone(),
        }
    }
}
