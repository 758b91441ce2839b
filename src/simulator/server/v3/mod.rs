//! v3: sessions, which have no tasks of their own to show. Workspaces, browsers and boxes are not
//! simulated.

mod create;

mod messages;

mod view;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use self::view::view;
use super::Account;
use super::Origin;
use super::Refusal;
use super::asked::Asked;
use super::asked::path_id;
use super::billing;
use super::files;
use super::paging;
use super::paging::Page;
use super::profiles;
use super::refusal;
use super::time;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;
use crate::simulator::world::Session;
use crate::simulator::world::World;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/sessions", get(list).post(create::create))
        .route("/sessions/{session_id}", get(show).delete(delete))
        .route("/sessions/{session_id}/stop", post(stop))
        .route("/sessions/{session_id}/messages", get(messages::messages))
        .nest("/profiles", profiles::router(Api::V3))
        .route("/billing/account", get(billing::account))
        .fallback(refusal::unknown_path)
}

async fn list(
    State(world): State<Arc<World>>,
    origin: Origin,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let page = Page::only(query.as_deref(), ["page", "page_size"], 20)?;
    world.update(|memory, now| {
        let all = memory.sessions.newest_first();
        let all = all.filter(|session| session.api == Api::V3);
        let (ids, total) = page.of(all.map(|session| session.id));
        let views = ids
            .into_iter()
            .map(|id| Ok(view(memory, id, &origin, now)?.0));
        let sessions = views.collect::<Result<Value, Refusal>>()?;
        Ok(Json(json!({
            "sessions": sessions,
            "total": total,
            "page": page.number,
            "pageSize": page.size,
        })))
    })
}

async fn show(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = path_id(&id, "session_id")?;
    world.update(|memory, now| view(memory, id, &origin, now))
}

/// Stops the session, or only what runs in it.
async fn stop(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let id = path_id(&id, "session_id")?;
    let mut asked = Asked::optional_body(&body)?;
    let strategy = asked.one_of("strategy", &["task", "session"]);
    asked.finish()?;
    world.change(|memory, now| {
        session(memory, id)?;
        if strategy == Some("task") {
            if let Some(session) = memory.sessions.get_mut(id) {
                session.settings.keep_alive = true;
            }
            let last = memory.runs_of(id).next_back().map(|run| run.id);
            if let Some(run) = last {
                // One that has ended already stays as it is.
                memory.stop(run, now).ok();
            }
        } else {
            memory.stop_session(id, now);
        }
        view(memory, id, &origin, now)
    })
}

async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let id = path_id(&id, "session_id")?;
    world.change(|memory, now| {
        session(memory, id)?;
        memory.remove_session(id, now);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn session(memory: &Memory, id: Uuid) -> Result<&Session, Refusal> {
    memory
        .session(Api::V3, id)
        .ok_or_else(|| Refusal::not_found("Session not found"))
}
