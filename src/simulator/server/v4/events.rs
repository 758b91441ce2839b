//! What happens in a run.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::Refusal;
use super::run;
use super::time;
use super::word;
use crate::simulator::server::asked::Asked;
use crate::simulator::world::Run;
use crate::simulator::world::World;

pub(super) async fn events(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let limit = asked.integer("limit", 1..=1_000).unwrap_or(200);
    let after = asked.integer("after", 0..=i64::MAX).unwrap_or(0);
    asked.finish()?;
    world.look(|memory, now| {
        let run = run(memory, &id, now)?;
        let all = (1..).zip(happened(run, now));
        let mut rest = all.skip_while(|(number, _)| *number <= after).peekable();
        let limit = usize::try_from(limit).unwrap_or_default();
        let part: Vec<_> = rest.by_ref().take(limit).collect();
        let next = part.last().map(|(number, _)| *number);
        let events = part.into_iter().map(|(number, (kind, data, at))| {
            json!({ "runId": run.id, "id": number, "ts": time(at), "type": kind, "data": data })
        });
        let events: Vec<Value> = events.collect();
        let has_more = rest.peek().is_some();
        Ok(Json(
            json!({ "events": events, "nextAfter": next, "hasMore": has_more }),
        ))
    })
}

/// What has happened in a run, oldest first.
fn happened(run: &Run, now: Timestamp) -> Vec<(&'static str, Value, Timestamp)> {
    let created = ("run.created", json!({}), run.created_at);
    let started = run.started_at(now).map(|at| ("run.started", json!({}), at));
    let steps = (1..)
        .zip(run.steps_taken(now))
        .map(|(number, at): (u32, _)| ("step", json!({ "number": number }), at));
    let ended = run.ended_at(now);
    let ended = ended.map(|at| ("run.ended", json!({ "status": word(run, now) }), at));
    std::iter::once(created)
        .chain(started)
        .chain(steps)
        .chain(ended)
        .collect()
}
