//! Answers that go wrong, as the mischief wants it.

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use axum::response::Response;
use tokio::time::sleep;

use super::refusal::Refusal;
use crate::simulator::world::Memory;
use crate::simulator::world::World;

/// Answers in the place of the API where something goes wrong.
pub(super) async fn may_strike(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    let (latency, status, retry_after) = world.update(|memory, _| {
        let mischief = &memory.mischief;
        let (latency, retry_after) = (mischief.latency, mischief.retry_after);
        (latency, choose(memory), retry_after)
    });
    sleep(latency).await;
    let Some(status) = status else {
        return next.run(request).await;
    };
    let detail = status.canonical_reason().unwrap_or("Made up");
    let mut answer = Refusal::Said(status, detail).into_response();
    if let (StatusCode::TOO_MANY_REQUESTS, Some(seconds)) = (status, retry_after) {
        let headers = answer.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// The status of an answer that goes wrong.
fn choose(memory: &mut Memory) -> Option<StatusCode> {
    let (dice, mischief) = (&mut memory.dice, &mut memory.mischief);
    if let Some(status) = mischief.next.pop_front() {
        // A success is none of its business: then nothing goes wrong.
        let status = StatusCode::from_u16(status).ok();
        return status.filter(|status| !status.is_success());
    }
    if dice.says(mischief.too_many_requests) {
        Some(StatusCode::TOO_MANY_REQUESTS)
    } else if dice.says(mischief.server_errors) {
        Some(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        None
    }
}
