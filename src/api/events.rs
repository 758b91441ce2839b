//! Events: what came, and once more.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::routing::post;
use bytes::Bytes;
use serde::Deserialize;

use super::auth::Operate;
use super::auth::Read;
use super::deliveries::DeliveryView;
use super::error::ApiError;
use super::filter;
use super::id::Id;
use super::page::Listing;
use super::page::Paging;
use super::params::Params;
use super::payload::Payload;
use super::sinks::known;
use super::state::ApiState;
use super::state::SinkEntry;
use crate::clock::Clock;
use crate::event::Event;
use crate::event::EventId;
use crate::event::view::EventView;
use crate::name::SinkName;
use crate::routing::Routes;
use crate::store::DeliveryFilter;
use crate::store::DeliveryQueue;
use crate::store::EventLog;
use crate::store::EventRecord;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/events", get(list))
        .route("/events/{id}", get(show))
        .route("/events/{id}/raw", get(raw))
        .route("/events/{id}/deliveries", get(deliveries))
        .route("/events/{id}/replay", post(replay))
}

/// Events, newest first.
async fn list(
    _: Read,
    State(log): State<Arc<dyn EventLog>>,
    mut params: Params,
) -> Result<Json<Listing<EventView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    let filter = filter::events(&mut params)?;
    params.finish()?;

    let page = log.events(&filter, paging.slice).await?;
    Ok(paging.answer(&page, view))
}

/// One event.
async fn show(
    _: Read,
    State(log): State<Arc<dyn EventLog>>,
    Id(id): Id<EventId>,
) -> Result<Json<EventView>, ApiError> {
    let record = find(&*log, id).await?;
    Ok(Json(view(&record)))
}

/// An event's body, byte for byte as it came.
async fn raw(
    _: Read,
    State(log): State<Arc<dyn EventLog>>,
    Id(id): Id<EventId>,
) -> Result<impl IntoResponse, ApiError> {
    let record = find(&*log, id).await?;
    // A stranger wrote it: no browser shall guess that it is a page.
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "application/json"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, Bytes::clone(&record.event.body)))
}

/// What an event owes and owed, replays included.
async fn deliveries(
    _: Read,
    State(log): State<Arc<dyn EventLog>>,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    Id(id): Id<EventId>,
    mut params: Params,
) -> Result<Json<Listing<DeliveryView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    params.finish()?;
    find(&*log, id).await?;

    let filter = DeliveryFilter {
        event: Some(id),
        ..DeliveryFilter::default()
    };
    let page = queue.deliveries(&filter, paging.slice).await?;
    Ok(paging.answer(&page, DeliveryView::new))
}

/// To whom an event is to go once more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Replay {
    /// Absent: to every sink whose filter lets it through.
    sinks: Option<Vec<SinkName>>,
}

/// Owes an event once more.
async fn replay(
    _: Operate,
    State(log): State<Arc<dyn EventLog>>,
    State(clock): State<Arc<dyn Clock>>,
    State(routes): State<Arc<Routes>>,
    State(configured): State<Arc<[SinkEntry]>>,
    Id(id): Id<EventId>,
    Payload(wanted): Payload<Replay>,
) -> Result<impl IntoResponse, ApiError> {
    let record = find(&*log, id).await?;
    let sinks = match wanted.sinks {
        Some(named) => known("sinks", named, &configured)?,
        None => takers(&routes, &record.event),
    };
    if sinks.is_empty() {
        return Err(ApiError::NoSink);
    }
    let owed = log.replay(id, &sinks, clock.now()).await?;
    let owed = owed.ok_or_else(|| ApiError::unknown(&id))?;
    let shown = owed.iter().map(DeliveryView::new).collect();
    Ok((StatusCode::ACCEPTED, Listing::whole(shown)))
}

pub(super) async fn find(log: &dyn EventLog, id: EventId) -> Result<EventRecord, ApiError> {
    log.event(id).await?.ok_or_else(|| ApiError::unknown(&id))
}

fn view(record: &EventRecord) -> EventView {
    EventView::new(&record.event, Some(record.deliveries))
}

/// The sinks whose filter lets an event through.
fn takers(routes: &Routes, event: &Event) -> Vec<SinkName> {
    let owed = routes.owed(event);
    owed.into_iter().map(|owed| owed.sink).collect()
}
