//! Runs a task, and stops, pauses and resumes it.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use super::Refusal;
use super::task;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::PairLimits;
use crate::simulator::world::Api;
use crate::simulator::world::Assignment;
use crate::simulator::world::Disobeyed;
use crate::simulator::world::Memory;
use crate::simulator::world::SessionSettings;
use crate::simulator::world::TASK_FILES_LIMIT;
use crate::simulator::world::World;

/// Where a task's proxy may be.
const PROXY_COUNTRIES: &[&str] = &["us", "fr", "it", "jp", "au", "de", "fi", "ca"];

/// How a task is told what to do.
type Order = fn(&mut Memory, Uuid, Timestamp) -> Result<(), Disobeyed>;

pub(super) async fn run_task(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let task = asked.required_text("task", 1..=usize::MAX);
    let mut assignment = assignment(&mut asked, task, "gpt-4.1", PROXY_COUNTRIES);
    assignment.is_structured = asked
        .text("structured_output_json", 0..=usize::MAX)
        .is_some();
    asked.flag("use_adblock");
    asked.flag("use_proxy");
    asked.flag("highlight_elements");
    let profile_id = asked.id("browser_profile_id");
    asked.finish()?;

    world.change(|memory, now| {
        account.may_run(Api::V1, memory)?;
        if profile_id.is_some_and(|id| memory.profiles.get(id).is_none()) {
            return Err(Refusal::not_found("Browser profile not found"));
        }
        has_files(memory, &assignment)?;
        let session = memory.open_session(Api::V1, SessionSettings::default(), now);
        let id = memory.start_run(session, assignment, now);
        Ok(Json(json!({ "id": id })))
    })
}

/// What a task and a scheduled task have in common, as they are made.
pub(super) fn assignment(
    asked: &mut Asked,
    task: String,
    model: &str,
    countries: &[&'static str],
) -> Assignment {
    asked.pairs("secrets", PairLimits::NONE);
    asked.texts("allowed_domains");
    asked.one_of("proxy_country_code", countries);
    asked.integer("browser_viewport_width", 1..=i64::MAX);
    asked.integer("browser_viewport_height", 1..=i64::MAX);
    let max_steps = asked.integer("max_agent_steps", 1..=200).unwrap_or(75);
    let model = asked
        .text("llm_model", 1..=usize::MAX)
        .unwrap_or_else(|| model.to_owned());
    Assignment {
        task,
        model,
        metadata: asked.pairs("metadata", PairLimits::METADATA),
        files: asked.texts("included_file_names").unwrap_or_default(),
        saves_browser_data: asked.flag("save_browser_data").unwrap_or_default(),
        is_public: asked.flag("enable_public_share").unwrap_or_default(),
        max_steps: u32::try_from(max_steps).ok(),
        ..Assignment::default()
    }
}

/// Refuses a task whose files were not uploaded, or are too large together.
pub(super) fn has_files(memory: &Memory, assignment: &Assignment) -> Result<(), Refusal> {
    let sizes = assignment
        .files
        .iter()
        .map(|name| memory.uploads.size_of(name));
    let total: usize = sizes
        .sum::<Option<usize>>()
        .ok_or_else(|| Refusal::bad_request("An included file was not uploaded"))?;
    if total > TASK_FILES_LIMIT {
        return Err(Refusal::bad_request(
            "The included files are larger than 50 MB together",
        ));
    }
    Ok(())
}

pub(super) async fn stop(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Refusal> {
    tell(&world, query.as_deref(), Memory::stop)
}

pub(super) async fn pause(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Refusal> {
    tell(&world, query.as_deref(), Memory::pause)
}

pub(super) async fn resume(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Refusal> {
    tell(&world, query.as_deref(), Memory::resume)
}

/// Tells the task that the query names. The answer is empty.
fn tell(world: &World, query: Option<&str>, order: Order) -> Result<StatusCode, Refusal> {
    let mut asked = Asked::query(query);
    let id = asked.required_text("task_id", 1..=usize::MAX);
    asked.finish()?;
    world.change(|memory, now| {
        let id = task(memory, &id, now)?.id;
        order(memory, id, now).map_err(|disobeyed| {
            Refusal::bad_request(match disobeyed {
                Disobeyed::NotRunning => "Task is not running",
                Disobeyed::NotPaused => "Task is not paused",
                Disobeyed::AlreadyEnded => "Task has already ended",
            })
        })?;
        Ok(StatusCode::OK)
    })
}
