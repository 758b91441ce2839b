//! What was said in a session.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Refusal;
use super::paging;
use super::session;
use super::time;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::path_id;
use crate::simulator::world::Memory;
use crate::simulator::world::Run;
use crate::simulator::world::World;

/// Oldest first.
pub(super) async fn messages(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let id = path_id(&id, "session_id")?;
    let mut asked = Asked::query(query.as_deref());
    let after = asked.id("after");
    let before = asked.id("before");
    let limit = asked.integer("limit", 1..=100).unwrap_or(10);
    asked.finish()?;

    world.look(|memory, now| {
        session(memory, id)?;
        let all: Vec<(Uuid, Value)> = memory
            .runs_of(id)
            .flat_map(|run| messages_of(run, memory, now))
            .take_while(|(id, _)| before != Some(*id))
            .collect();
        let limit = usize::try_from(limit).unwrap_or_default();
        let (part, has_more) = paging::after(all.into_iter(), after.as_ref(), |(id, _)| *id, limit)
            .ok_or_else(|| Refusal::not_found("Message not found"))?;
        let part: Vec<Value> = part.into_iter().map(|(_, message)| message).collect();
        Ok(Json(json!({ "messages": part, "hasMore": has_more })))
    })
}

fn messages_of(run: &Run, memory: &Memory, now: Timestamp) -> Vec<(Uuid, Value)> {
    let steps = run.steps_taken(now);
    let asked = (
        "human",
        "user_message",
        run.assignment.task.clone(),
        run.created_at,
    );
    let output = run.output(now, memory.mischief.output_lag);
    let said = output.zip(run.ended_at(now));
    let said = said.map(|(output, at)| ("ai", "assistant_message", output, at));
    let steps = (1..)
        .zip(steps)
        .map(|(number, at)| ("ai", "browser_action", format!("Step {number}"), at));
    std::iter::once(asked)
        .chain(steps)
        .chain(said)
        .enumerate()
        .map(|(index, (role, kind, data, at))| {
            let id = run.part_id(index);
            let message = json!({
                "id": id,
                "sessionId": run.session_id,
                "role": role,
                "data": data,
                "type": kind,
                "summary": data,
                "screenshotUrl": null,
                "hidden": false,
                "createdAt": time(at),
            });
            (id, message)
        })
        .collect()
}
