//! How tasks stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::PAGE;
use super::PAGE_SIZE;
use super::Refusal;
use super::page_of;
use super::task;
use super::time;
use crate::simulator::server::files;
use crate::simulator::server::paging::Page;
use crate::simulator::world::Api;
use crate::simulator::world::End;
use crate::simulator::world::Memory;
use crate::simulator::world::Phase;
use crate::simulator::world::Run;
use crate::simulator::world::World;

pub(super) async fn list(
    State(world): State<Arc<World>>,
    origin: Origin,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let page = Page::only(query.as_deref(), PAGE, PAGE_SIZE)?;
    Ok(world.look(|memory, now| {
        let all = memory.runs.newest_first().filter(|run| run.api == Api::V1);
        let (runs, total) = page.of(all);
        let items = runs
            .into_iter()
            .map(|run| simple(run, memory, &origin, now));
        Json(page_of("tasks", page, (items.collect(), total)))
    }))
}

/// The status, as a bare string.
pub(super) async fn status(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<&'static str>, Refusal> {
    world.look(|memory, now| Ok(Json(word(task(memory, &id, now)?.phase(now)))))
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.look(|memory, now| {
        let run = task(memory, &id, now)?;
        let assignment = &run.assignment;
        let mut whole = simple(run, memory, &origin, now);
        let succeeded = run.phase(now) == Phase::Ended(End::Succeeded);
        let saved = assignment.saves_browser_data && run.ended_at(now).is_some();
        whole["steps"] = steps(run, now);
        whole["browser_data"] = saved.then(|| json!({ "cookies": [] })).into();
        whole["user_uploaded_files"] = json!(assignment.files);
        whole["output_files"] = json!(succeeded.then_some([files::OUTPUT_FILE]));
        whole["public_share_url"] = json!(assignment.is_public.then(|| origin.live(run.id)));
        whole["metadata"] = json!(assignment.metadata);
        Ok(Json(whole))
    })
}

/// A task without what a list leaves out.
fn simple(run: &Run, memory: &Memory, origin: &Origin, now: Timestamp) -> Value {
    json!({
        "id": run.id,
        "task": run.assignment.task,
        "output": run.output(now, memory.mischief.output_lag),
        "status": word(run.phase(now)),
        "created_at": time(run.created_at),
        "finished_at": run.ended_at(now).map(time),
        "live_url": run.started_at(now).map(|_| origin.live(run.id)),
    })
}

fn steps(run: &Run, now: Timestamp) -> Value {
    let steps = (1..).zip(run.steps_taken(now)).map(|(number, _)| {
        json!({
            "id": run.part_id(number),
            "step": number,
            "evaluation_previous_goal": "Success",
            "next_goal": format!("Take step {}", number + 1),
            "url": "https://example.com/",
        })
    });
    steps.collect()
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "created",
        Phase::Running => "running",
        Phase::Paused => "paused",
        Phase::Ended(End::Succeeded | End::Unsuccessful) => "finished",
        Phase::Ended(End::Failed | End::TimedOut) => "failed",
        Phase::Ended(End::Stopped) => "stopped",
    }
}
