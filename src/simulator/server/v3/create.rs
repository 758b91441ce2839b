//! Makes sessions, and gives them tasks.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::Account;
use super::Origin;
use super::Refusal;
use super::session;
use super::view::view;
use super::view::word;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::PairLimits;
use crate::simulator::world::Api;
use crate::simulator::world::Assignment;
use crate::simulator::world::Memory;
use crate::simulator::world::SessionSettings;
use crate::simulator::world::World;

/// Makes a session, gives one a task, or both.
pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    origin: Origin,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?.in_either_case();
    let session_id = asked.id("sessionId");
    if session_id.is_some() {
        asked.require("task");
    }
    let task = asked.text("task", 0..=usize::MAX);
    let settings = settings(&mut asked);
    asked.pairs("sensitiveData", PairLimits::NONE);
    for flag in [
        "enableScheduledTasks",
        "skills",
        "agentmail",
        "codeMode",
        "useOwnKey",
        "autoHeal",
    ] {
        asked.flag(flag);
    }
    asked.flag("cacheScript");
    asked.finish()?;

    world.change(|memory, now| {
        account.may_run(Api::V3, memory)?;
        let id = match session_id {
            Some(id) => free_session(memory, id, now)?,
            None => memory.open_session(Api::V3, settings, now),
        };
        if let Some(task) = task {
            let assignment = Assignment {
                task,
                ..Assignment::default()
            };
            memory.start_run(id, assignment, now);
        }
        view(memory, id, &origin, now)
    })
}

fn settings(asked: &mut Asked) -> SessionSettings {
    let model = asked.text("model", 1..=usize::MAX);
    SessionSettings {
        keep_alive: asked.flag("keepAlive").unwrap_or_default(),
        persist_memory: true,
        is_recorded: asked.flag("enableRecording").unwrap_or_default(),
        model: model.unwrap_or_else(|| "claude-opus-4.7".to_owned()),
        profile_id: asked.id("profileId"),
        workspace_id: asked.id("workspaceId"),
        proxy: asked.text("proxyCountryCode", 2..=2),
        max_cost: asked.amount("maxCostUsd"),
        output_schema: asked.any("outputSchema"),
    }
}

/// A session that waits for a task.
fn free_session(memory: &Memory, id: Uuid, now: Timestamp) -> Result<Uuid, Refusal> {
    let session = session(memory, id)?;
    match word(memory, session, now) {
        "idle" => Ok(id),
        "created" | "running" => Err(Refusal::conflict("Session is busy")),
        _ => Err(Refusal::bad_request("Session is stopped")),
    }
}
