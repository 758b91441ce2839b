//! v4: runs, their events, and the sessions they take place in. Queues, workspaces and browsers are
//! not simulated.

mod create;

mod events;

mod lists;

mod view;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use self::view::session_view;
use self::view::view;
use self::view::word;
use self::view::workspace;
use super::Account;
use super::Refusal;
use super::asked::path_id;
use super::paging;
use super::profiles;
use super::refusal;
use super::time;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;
use crate::simulator::world::Run;
use crate::simulator::world::World;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/runs", get(lists::runs).post(create::create))
        .route("/runs/{run_id}", get(show))
        .route("/runs/{run_id}/status", get(status))
        .route("/runs/{run_id}/cancel", post(cancel))
        .route("/runs/{run_id}/events", get(events::events))
        .route("/sessions", get(lists::sessions))
        .route("/sessions/{session_id}", get(session))
        .nest("/profiles", profiles::router(Api::V4))
        .fallback(refusal::unknown_path)
}

async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.look(|memory, now| Ok(Json(view(run(memory, &id, now)?, memory, now))))
}

async fn status(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.look(|memory, now| {
        let status = word(run(memory, &id, now)?, now);
        Ok(Json(json!({ "status": status })))
    })
}

/// Stops a run. One that has ended stays as it is.
async fn cancel(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.change(|memory, now| {
        let cancelled = run(memory, &id, now)?.id;
        memory.stop(cancelled, now).ok();
        Ok(Json(view(run(memory, &id, now)?, memory, now)))
    })
}

async fn session(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = path_id(&id, "session_id")?;
    world.look(|memory, now| {
        memory.session(Api::V4, id).ok_or_else(not_found)?;
        let latest = memory.runs_of(id).next_back().ok_or_else(not_found)?;
        Ok(Json(session_view(latest, memory, now)))
    })
}

fn run<'a>(memory: &'a Memory, id: &str, now: Timestamp) -> Result<&'a Run, Refusal> {
    let id = path_id(id, "run_id")?;
    memory.run(Api::V4, id, now).ok_or_else(not_found)
}

fn not_found() -> Refusal {
    Refusal::not_found("Run, session, workspace, or profile not found.")
}
