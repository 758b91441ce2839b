//! Sinks: how they fare, whether they take anything, and whether they are served.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::FromRef;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use serde::Serialize;

use super::auth::Operate;
use super::auth::Read;
use super::error::ApiError;
use super::id::Id;
use super::page::Listing;
use super::state::ApiState;
use super::state::SinkEntry;
use crate::clock::Clock;
use crate::event::view::time;
use crate::name::SinkName;
use crate::store::DeliveryQueue;
use crate::store::SinkBook;
use crate::store::SinkStats;
use crate::store::Standing;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/sinks", get(list))
        .route("/sinks/{name}", get(show))
        .route("/sinks/{name}/check", post(check))
        .route("/sinks/{name}/pause", post(pause))
        .route("/sinks/{name}/resume", post(resume))
}

/// Every sink, also one that is no longer configured and still owed something.
async fn list(_: Read, State(known): State<Known>) -> Result<Json<Listing<SinkView>>, ApiError> {
    let mut names: BTreeSet<SinkName> = known.queue.known_sinks().await?.into_iter().collect();
    names.extend(known.configured.iter().map(|entry| entry.name.clone()));

    let mut views = Vec::with_capacity(names.len());
    for name in names {
        views.push(known.view(name).await?);
    }
    Ok(Listing::whole(views))
}

/// One sink.
async fn show(
    _: Read,
    State(known): State<Known>,
    Id(name): Id<SinkName>,
) -> Result<Json<SinkView>, ApiError> {
    let registered = known.queue.known_sinks().await?.contains(&name);
    if !registered && entry(&known.configured, &name).is_none() {
        return Err(ApiError::unknown(&name));
    }
    Ok(Json(known.view(name).await?))
}

/// Leaves a sink alone until it is resumed. What it is owed stays owed.
async fn pause(
    _: Operate,
    State(known): State<Known>,
    Id(name): Id<SinkName>,
) -> Result<Json<SinkView>, ApiError> {
    if !known.book.pause(&name, known.clock.now()).await? {
        return Err(ApiError::unknown(&name));
    }
    Ok(Json(known.view(name).await?))
}

/// Serves a sink again that was paused.
async fn resume(
    _: Operate,
    State(known): State<Known>,
    Id(name): Id<SinkName>,
) -> Result<Json<SinkView>, ApiError> {
    if !known.book.resume(&name, known.clock.now()).await? {
        return Err(ApiError::unknown(&name));
    }
    Ok(Json(known.view(name).await?))
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

pub(super) fn entry<'a>(configured: &'a [SinkEntry], name: &SinkName) -> Option<&'a SinkEntry> {
    configured.iter().find(|entry| entry.name == *name)
}

/// The sinks that somebody named, each once, if they are all configured: what is owed to another
/// would wait for ever.
pub(super) fn known(
    parameter: &str,
    mut named: Vec<SinkName>,
    configured: &[SinkEntry],
) -> Result<Vec<SinkName>, ApiError> {
    named.sort();
    named.dedup();
    match named.iter().find(|name| entry(configured, name).is_none()) {
        None => Ok(named),
        Some(stranger) => Err(ApiError::parameter(
            parameter,
            format!("names `{stranger}`, and no such sink is configured"),
        )),
    }
}

/// Where stands what is known of sinks.
#[derive(Debug)]
struct Known {
    queue: Arc<dyn DeliveryQueue>,
    book: Arc<dyn SinkBook>,
    clock: Arc<dyn Clock>,
    configured: Arc<[SinkEntry]>,
}

impl FromRef<ApiState> for Known {
    fn from_ref(state: &ApiState) -> Self {
        Self {
            queue: FromRef::from_ref(state),
            book: FromRef::from_ref(state),
            clock: FromRef::from_ref(state),
            configured: FromRef::from_ref(state),
        }
    }
}

impl Known {
    async fn view(&self, name: SinkName) -> Result<SinkView, ApiError> {
        let stats = self.queue.sink_stats(&name, self.clock.now()).await?;
        let standing = self.book.standings().borrow().get(&name).copied();
        let entry = entry(&self.configured, &name);
        Ok(SinkView::new(
            name,
            entry,
            standing.unwrap_or_default(),
            stats,
        ))
    }
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
    paused_at: Option<String>,
    opened_at: Option<String>,
    next_probe_at: Option<String>,
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
    fn new(
        name: SinkName,
        entry: Option<&SinkEntry>,
        standing: Standing,
        stats: SinkStats,
    ) -> Self {
        Self {
            name,
            r#type: entry.map(|entry| entry.kind),
            state: state(entry.is_some(), standing),
            paused_at: standing.paused_at.map(time),
            opened_at: standing.open.map(|open| time(open.since)),
            next_probe_at: standing.open.map(|open| time(open.probe_at)),
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

/// The one word for how a sink stands: what most keeps it from being served.
fn state(is_configured: bool, standing: Standing) -> &'static str {
    if !is_configured {
        "orphaned"
    } else if standing.paused_at.is_some() {
        "paused"
    } else if standing.open.is_some() {
        "open"
    } else {
        "active"
    }
}
