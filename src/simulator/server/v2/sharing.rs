//! Who else may see a session: its public address; and that nobody may any more.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Origin;
use super::Refusal;
use super::session;
use super::session_not_found;
use crate::simulator::world::World;

pub(super) async fn show(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.look(|memory, _| {
        let token = session(memory, &id)?.share;
        let token = token.ok_or_else(|| Refusal::not_found("Share not found"))?;
        Ok(Json(view(token, &origin)))
    })
}

/// Makes an address, or tells the one that there is.
pub(super) async fn create(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    world.update(|memory, _| {
        let id = session(memory, &id)?.id;
        let fresh = memory.dice.id();
        let session = memory.sessions.get_mut(id).ok_or_else(session_not_found)?;
        let token = *session.share.get_or_insert(fresh);
        Ok((StatusCode::CREATED, Json(view(token, &origin))))
    })
}

pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.update(|memory, _| {
        let id = session(memory, &id)?.id;
        let session = memory.sessions.get_mut(id).ok_or_else(session_not_found)?;
        session.share = None;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Only projects that keep nothing may have a session purged, and ours is none.
pub(super) async fn purge(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.look(|memory, _| session(memory, &id).map(drop))?;
    let detail = "Project is not ZDR-enabled";
    Err(Refusal::Said(StatusCode::FORBIDDEN, detail))
}

fn view(token: Uuid, origin: &Origin) -> Value {
    json!({
        "shareToken": token,
        "shareUrl": origin.live(token),
        "viewCount": 0,
        "lastViewedAt": null,
    })
}
