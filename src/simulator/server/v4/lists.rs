//! Runs and sessions, page by page.

use std::sync::Arc;

use axum::Json;
use axum::extract::RawQuery;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Refusal;
use super::paging;
use super::session_view;
use super::view;
use crate::simulator::server::asked::Asked;
use crate::simulator::world::Api;
use crate::simulator::world::World;

pub(super) async fn runs(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let limit = asked.integer("limit", 1..=200).unwrap_or(50);
    let cursor = asked.text("cursor", 0..=usize::MAX);
    let session = asked.id("sessionId");
    asked.finish()?;
    world.look(|memory, now| {
        let found = memory
            .runs
            .newest_first()
            .filter(|run| run.api == Api::V4 && session.is_none_or(|id| run.session_id == id));
        let (runs, has_more) = part(found, cursor.as_deref(), |run| run.id, limit)?;
        let next = runs.last().filter(|_| has_more).map(|run| run.id);
        let runs: Vec<Value> = runs.into_iter().map(|run| view(run, memory, now)).collect();
        Ok(Json(
            json!({ "runs": runs, "nextCursor": next, "hasMore": has_more }),
        ))
    })
}

/// The sessions, each by its latest run.
pub(super) async fn sessions(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let limit = asked.integer("limit", 1..=100).unwrap_or(20);
    let cursor = asked.text("cursor", 0..=usize::MAX);
    asked.finish()?;
    world.look(|memory, now| {
        let all = memory.sessions.newest_first();
        let all = all.filter(|session| session.api == Api::V4);
        let latest = all.filter_map(|session| memory.runs_of(session.id).next_back());
        let (runs, has_more) = part(latest, cursor.as_deref(), |run| run.session_id, limit)?;
        let next = runs.last().filter(|_| has_more).map(|run| run.session_id);
        let views: Vec<Value> = runs
            .into_iter()
            .map(|run| session_view(run, memory, now))
            .collect();
        Ok(Json(
            json!({ "sessions": views, "nextCursor": next, "hasMore": has_more }),
        ))
    })
}

/// What comes after a cursor, which is the id of the last before it.
fn part<T>(
    all: impl Iterator<Item = T>,
    cursor: Option<&str>,
    id: impl Fn(&T) -> Uuid,
    limit: i64,
) -> Result<(Vec<T>, bool), Refusal> {
    let malformed = || Refusal::bad_request("Malformed pagination cursor.");
    let cursor = cursor.map(Uuid::parse_str).transpose();
    let cursor = cursor.map_err(|_malformed| malformed())?;
    let limit = usize::try_from(limit).unwrap_or_default();
    paging::after(all, cursor.as_ref(), id, limit).ok_or_else(malformed)
}
