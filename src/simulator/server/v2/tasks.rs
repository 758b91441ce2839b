//! How tasks stand, and stopping them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use jiff::SignedDuration;
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
use crate::simulator::server::asked::Asked;
use crate::simulator::server::files;
use crate::simulator::server::paging::Page;
use crate::simulator::world::Api;
use crate::simulator::world::End;
use crate::simulator::world::Memory;
use crate::simulator::world::Phase;
use crate::simulator::world::Run;
use crate::simulator::world::World;

const STATUSES: &[&str] = &["created", "started", "finished", "failed", "stopped"];

pub(super) async fn list(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let page = Page::take(&mut asked, PAGE, PAGE_SIZE);
    let session = asked.id("sessionId");
    let status = asked.one_of("filterBy", STATUSES);
    let after = asked.naive_time("after");
    let before = asked.naive_time("before");
    asked.finish()?;

    Ok(world.look(|memory, now| {
        let found = memory.runs.newest_first().filter(|run| {
            run.api == Api::V2
                && session.is_none_or(|id| run.session_id == id)
                && status.is_none_or(|status| word(run.phase(now)) == status)
                && after.is_none_or(|after| run.created_at >= after)
                && before.is_none_or(|before| run.created_at <= before)
        });
        let items = found.map(|run| item(run, memory, now));
        Json(page_of(page, page.of(items)))
    }))
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, now| {
        let run = task(memory, &id, now)?.clone();
        Ok(Json(whole(&run, memory, &origin, now)))
    })
}

/// What is asked most often: no more than the status and what came of it.
pub(super) async fn status(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.look(|memory, now| {
        let run = task(memory, &id, now)?;
        Ok(Json(json!({
            "id": run.id,
            "status": word(run.phase(now)),
            "output": run.output(now, memory.mischief.output_lag),
            "finishedAt": run.ended_at(now).map(time),
            "isSuccess": is_success(run, now),
            "cost": cost(run, now),
        })))
    })
}

/// Stops a task, or its session with it. One that has ended stays as it is.
pub(super) async fn update(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    asked.require("action");
    let action = asked.one_of("action", &["stop", "stop_task_and_session"]);
    asked.finish()?;
    world.change(|memory, now| {
        let run = task(memory, &id, now)?;
        let (id, session) = (run.id, run.session_id);
        memory.stop(id, now).ok();
        if action == Some("stop_task_and_session") {
            memory.stop_session(session, now);
        }
        let run = task(memory, &id.to_string(), now)?.clone();
        Ok(Json(whole(&run, memory, &origin, now)))
    })
}

/// A task without what a list leaves out.
pub(super) fn item(run: &Run, memory: &Memory, now: Timestamp) -> Value {
    let assignment = &run.assignment;
    let verdict = is_success(run, now).filter(|_| assignment.is_judged);
    json!({
        "id": run.id,
        "sessionId": run.session_id,
        "llm": assignment.model,
        "task": assignment.task,
        "status": word(run.phase(now)),
        "createdAt": time(run.created_at),
        "startedAt": run.started_at(now).map(time),
        "finishedAt": run.ended_at(now).map(time),
        "metadata": assignment.metadata.clone().unwrap_or_default(),
        "output": run.output(now, memory.mischief.output_lag),
        "browserUseVersion": null,
        "isSuccess": is_success(run, now),
        "judgement": verdict.map(|verdict| json!({ "verdict": verdict }).to_string()),
        "judgeVerdict": verdict,
        "cost": cost(run, now),
        "suggestions": null,
    })
}

fn whole(run: &Run, memory: &mut Memory, origin: &Origin, now: Timestamp) -> Value {
    let mut whole = item(run, memory, now);
    let file = json!({ "id": run.part_id(0), "fileName": files::OUTPUT_FILE });
    let wrote = run.phase(now) == Phase::Ended(End::Succeeded);
    whole["outputFiles"] = json!(wrote.then_some(file).as_slice());

    let mut before = run.started_at(now).unwrap_or(run.created_at);
    let steps = (1..)
        .zip(run.steps_taken(now))
        .map(|(number, at): (u32, _)| {
            let name = format!("{}-{number}.png", run.id);
            let screenshot = origin.presigned(memory, &name, files::screenshot(), now);
            let took = at.duration_since(std::mem::replace(&mut before, at));
            step(run, number, &screenshot, took)
        });
    whole["steps"] = steps.collect();
    whole
}

fn step(run: &Run, number: u32, screenshot: &str, took: SignedDuration) -> Value {
    let url = run.assignment.start_url.as_deref();
    json!({
        "number": number,
        "memory": format!("Step {number} is done"),
        "evaluationPreviousGoal": "Success",
        "nextGoal": format!("Take step {}", number + 1),
        "url": url.unwrap_or("https://example.com/"),
        "screenshotUrl": screenshot,
        "actions": [json!({ "click": { "index": number } }).to_string()],
        "duration": took.as_secs_f64(),
    })
}

fn is_success(run: &Run, now: Timestamp) -> Option<bool> {
    match run.phase(now) {
        Phase::Ended(end) => end.is_success(),
        _ => None,
    }
}

/// A cent for each step, in USD.
fn cost(run: &Run, now: Timestamp) -> Option<String> {
    run.ended_at(now)
        .map(|_| format!("0.{:02}", run.steps_taken(now).len().min(99)))
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "created",
        Phase::Running | Phase::Paused => "started",
        Phase::Ended(End::Succeeded | End::Unsuccessful) => "finished",
        Phase::Ended(End::Failed | End::TimedOut) => "failed",
        Phase::Ended(End::Stopped) => "stopped",
    }
}
