//! Sinks: how they fare, and whether they take anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use serde::Serialize;

use super::auth::Operate;
use super::auth::Read;
use super::error::ApiError;
use super::id::Id;
use super::page::Listing;
use super::sink_test::TestView;
use super::sink_test::try_out;
use super::state::ApiState;
use super::state::SinkEntry;
use crate::clock::Clock;
use crate::event::view::time;
use crate::name::SinkName;
use crate::store::DeliveryQueue;
use crate::store::SinkStats;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/sinks", get(list))
        .route("/sinks/{name}", get(show))
        .route("/sinks/{name}/check", post(check))
        .route("/sinks/{name}/test", post(test))
}

/// Every sink, also one that is no longer configured and still owed something.
async fn list(
    _: Read,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    State(clock): State<Arc<dyn Clock>>,
    State(configured): State<Arc<[SinkEntry]>>,
) -> Result<Json<Listing<SinkView>>, ApiError> {
    let mut names: BTreeSet<SinkName> = queue.known_sinks().await?.into_iter().collect();
    names.extend(configured.iter().map(|entry| entry.name.clone()));

    let mut views = Vec::with_capacity(names.len());
    for name in names {
        let stats = queue.sink_stats(&name, clock.now()).await?;
        let entry = entry(&configured, &name);
        views.push(SinkView::new(name, entry, stats));
    }
    Ok(Listing::whole(views))
}

/// One sink.
async fn show(
    _: Read,
    State(queue): State<Arc<dyn DeliveryQueue>>,
    State(clock): State<Arc<dyn Clock>>,
    State(configured): State<Arc<[SinkEntry]>>,
    Id(name): Id<SinkName>,
) -> Result<Json<SinkView>, ApiError> {
    let entry = entry(&configured, &name);
    if entry.is_none() && !queue.known_sinks().await?.contains(&name) {
        return Err(ApiError::unknown(&name));
    }
    let stats = queue.sink_stats(&name, clock.now()).await?;
    Ok(Json(SinkView::new(name, entry, stats)))
}

/// Looks whether a sink could take something now, without sending it anything.
async fn check(
    _: Operate,
    State(configured): State<Arc<[SinkEntry]>>,
    Id(name): Id<SinkName>,
) -> Result<Json<CheckView>, ApiError> {
    let entry = entry(&configured, &name).ok_or_else(|| ApiError::unknown(&name))?;
    let error = entry.check().await.err().map(|error| format!("{error:#}"));
    Ok(Json(CheckView {
        ready: error.is_none(),
        error,
    }))
}

/// Sends a sink one test event, now, and says how it went. Nothing is stored.
async fn test(
    _: Operate,
    State(clock): State<Arc<dyn Clock>>,
    State(configured): State<Arc<[SinkEntry]>>,
    Id(name): Id<SinkName>,
) -> Result<Json<TestView>, ApiError> {
    let entry = entry(&configured, &name).ok_or_else(|| ApiError::unknown(&name))?;
    Ok(Json(try_out(entry, &*clock).await))
}

fn entry<'a>(configured: &'a [SinkEntry], name: &SinkName) -> Option<&'a SinkEntry> {
    configured.iter().find(|entry| entry.name == *name)
}

/// Whether a sink could take something, as JSON.
#[derive(Debug, Serialize)]
struct CheckView {
    ready: bool,
    error: Option<String>,
}

/// A sink as JSON.
#[derive(Debug, Serialize)]
struct SinkView {
    name: SinkName,
    r#type: Option<&'static str>,
    state: &'static str,
    pending: u64,
    waiting: u64,
    dead: u64,
    oldest_due_at: Option<String>,
    delivered_24h: u64,
    failed_24h: u64,
    p95_ms: Option<u64>,
    last_error: Option<String>,
}

impl SinkView {
    fn new(name: SinkName, entry: Option<&SinkEntry>, stats: SinkStats) -> Self {
        Self {
            name,
            r#type: entry.map(|entry| entry.kind),
            state: if entry.is_some() {
                "active"
            } else {
                "orphaned"
            },
            pending: stats.pending,
            waiting: stats.waiting,
            dead: stats.dead,
            oldest_due_at: stats.oldest_due_at.map(time),
            delivered_24h: stats.delivered_24h,
            failed_24h: stats.failed_24h,
            p95_ms: stats.p95_ms,
            last_error: stats.last_error,
        }
    }
}
