//! Starts runs.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use super::Refusal;
use super::not_found;
use super::word;
use super::workspace;
use crate::simulator::server::asked::Asked;
use crate::simulator::world::Api;
use crate::simulator::world::Assignment;
use crate::simulator::world::Memory;
use crate::simulator::world::SessionSettings;
use crate::simulator::world::World;

pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let model = asked.text("model", 1..=usize::MAX);
    let assignment = Assignment {
        task: asked.required_text("task", 1..=usize::MAX),
        model: model.unwrap_or_else(|| "minimax-m3".to_owned()),
        is_judged: asked.inside("judge", judge).is_some(),
        ..Assignment::default()
    };
    let session_id = asked.id("sessionId");
    let settings = SessionSettings {
        keep_alive: true,
        workspace_id: asked.id("workspaceId"),
        max_cost: asked.amount("maxCostUsd"),
        ..SessionSettings::default()
    };
    asked.inside("browserSettings", browser);
    let files = asked.texts("attachedFileIds").unwrap_or_default();
    if files.len() > 20 {
        asked.wrong("attachedFileIds", "at most 20 files are allowed");
    }
    asked.nothing_else().finish()?;

    world.change(|memory, now| {
        account.may_run(Api::V4, memory)?;
        let session = match session_id {
            Some(id) => free_session(memory, id, now)?,
            None => memory.open_session(Api::V4, settings, now),
        };
        let id = memory.start_run(session, assignment, now);
        let run = memory.runs.get(id).ok_or_else(not_found)?;
        Ok(Json(json!({
            "id": id,
            "status": word(run, now),
            "model": run.assignment.model,
            "sessionId": session,
            "workspaceId": workspace(memory, session),
            "eventsUrl": format!("/api/v4/runs/{id}/events"),
            // Nothing can be uploaded here, so none of them is there.
            "missingFileIds": files,
        })))
    })
}

fn judge(asked: &mut Asked) {
    asked.text("context", 0..=10_000);
}

fn browser(asked: &mut Asked) {
    asked.id("profileId");
    asked.text("proxyCountryCode", 2..=2);
    asked.integer("screenWidth", 320..=6144);
    asked.integer("screenHeight", 320..=3456);
    asked.flag("record");
}

/// A session in which nothing runs.
fn free_session(memory: &Memory, id: Uuid, now: Timestamp) -> Result<Uuid, Refusal> {
    memory.session(Api::V4, id).ok_or_else(not_found)?;
    if memory.runs_of(id).any(|run| run.ended_at(now).is_none()) {
        return Err(Refusal::conflict("The session already has an active run."));
    }
    Ok(id)
}
