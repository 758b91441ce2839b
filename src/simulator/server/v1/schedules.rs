//! Scheduled tasks.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use super::PAGE;
use super::PAGE_SIZE;
use super::Refusal;
use super::page_of;
use super::run;
use super::time;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::PairLimits;
use crate::simulator::server::paging::Page;
use crate::simulator::world::Api;
use crate::simulator::world::Cron;
use crate::simulator::world::Memory;
use crate::simulator::world::Rhythm;
use crate::simulator::world::Schedule;
use crate::simulator::world::World;

/// Where the proxy of a scheduled task may be: in more countries than that of a task.
const PROXY_COUNTRIES: &[&str] = &["us", "uk", "fr", "it", "jp", "au", "de", "fi", "ca", "in"];

/// The longest interval: ten years.
const MOST_MINUTES: i64 = 10 * 366 * 24 * 60;

pub(super) async fn list(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let page = Page::only(query.as_deref(), PAGE, PAGE_SIZE)?;
    Ok(world.look(|memory, _| {
        let all = memory.schedules.newest_first().map(view);
        Json(page_of("tasks", page, page.of(all)))
    }))
}

pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let task = asked.required_text("task", 1..=usize::MAX);
    asked.require("schedule_type");
    let rhythm = rhythm(&mut asked);
    let assignment = run::assignment(&mut asked, task, "gpt-4o", PROXY_COUNTRIES);

    world.change(|memory, now| {
        let id = memory.dice.id();
        // Without a rhythm there is a fault, and nothing comes of it.
        let rhythm = rhythm.unwrap_or(Rhythm::Interval(1));
        let mut schedule = Schedule::new(id, assignment, rhythm, now);
        change(&mut schedule, &mut asked);
        asked.finish()?;
        account.may_run(Api::V1, memory)?;
        run::has_files(memory, &schedule.assignment)?;
        memory.schedules.put(id, schedule);
        Ok(Json(json!({ "id": id })))
    })
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, _| Ok(Json(view(schedule(memory, &id)?))))
}

/// Changes what is named, and nothing else.
pub(super) async fn update(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    world.change(|memory, now| {
        let schedule = schedule(memory, &id)?;
        let mut changed = schedule.clone();
        if let Some(rhythm) = rhythm(&mut asked) {
            changed.rhythm = rhythm;
        }
        change(&mut changed, &mut asked);
        change_assignment(&mut changed, &mut asked);
        asked.finish()?;
        changed.updated_at = now;
        *schedule = changed;
        Ok(Json(view(schedule)))
    })
}

/// The answer is empty. What runs already runs on.
pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.change(|memory, _| {
        let id = schedule(memory, &id)?.id;
        memory.schedules.remove(id);
        Ok(StatusCode::OK)
    })
}

fn schedule<'a>(memory: &'a mut Memory, id: &str) -> Result<&'a mut Schedule, Refusal> {
    let id = Uuid::parse_str(id).ok();
    id.and_then(|id| memory.schedules.get_mut(id))
        .ok_or_else(|| Refusal::not_found("Scheduled task not found"))
}

/// How often it runs, if that is said.
fn rhythm(asked: &mut Asked) -> Option<Rhythm> {
    let kind = asked.one_of("schedule_type", &["interval", "cron"]);
    let minutes = asked.integer("interval_minutes", 1..=MOST_MINUTES);
    let cron = asked.text("cron_expression", 1..=200);
    match (kind, minutes, cron) {
        (Some("interval") | None, Some(minutes), _) => Some(Rhythm::Interval(minutes)),
        (Some("cron") | None, _, Some(cron)) => {
            let cron = Cron::read(&cron);
            if cron.is_none() {
                asked.wrong("cron_expression", "invalid cron expression");
            }
            cron.map(Rhythm::Cron)
        }
        (Some("interval"), None, _) => {
            asked.wrong("interval_minutes", "required for an interval schedule");
            None
        }
        (Some(_), _, None) => {
            asked.wrong("cron_expression", "required for a cron schedule");
            None
        }
        _ => None,
    }
}

/// What may be said when it is made, and later.
fn change(schedule: &mut Schedule, asked: &mut Asked) {
    let mut flag = |name, is: &mut bool| *is = asked.flag(name).unwrap_or(*is);
    flag("use_adblock", &mut schedule.use_adblock);
    flag("use_proxy", &mut schedule.use_proxy);
    flag("highlight_elements", &mut schedule.highlight_elements);
    flag("is_active", &mut schedule.is_active);
    let mut time = |name, is: &mut Timestamp| *is = asked.time(name).unwrap_or(*is);
    time("start_at", &mut schedule.start_at);
    time("end_at", &mut schedule.end_at);
    if let Some(schema) = asked.text("structured_output_json", 0..=usize::MAX) {
        schedule.assignment.is_structured = true;
        schedule.structured_output = Some(schema);
    }
}

/// What is said with a task when it is made, and may be said again later.
fn change_assignment(schedule: &mut Schedule, asked: &mut Asked) {
    let assignment = &mut schedule.assignment;
    if let Some(task) = asked.text("task", 1..=usize::MAX) {
        assignment.task = task;
    }
    if let Some(model) = asked.text("llm_model", 1..=usize::MAX) {
        assignment.model = model;
    }
    if let Some(saves) = asked.flag("save_browser_data") {
        assignment.saves_browser_data = saves;
    }
    if let Some(metadata) = asked.pairs("metadata", PairLimits::METADATA) {
        assignment.metadata = Some(metadata);
    }
}

fn view(schedule: &Schedule) -> Value {
    let assignment = &schedule.assignment;
    let (kind, minutes, cron) = match &schedule.rhythm {
        Rhythm::Interval(minutes) => ("interval", Some(minutes), None),
        Rhythm::Cron(cron) => ("cron", None, Some(cron.as_str())),
    };
    json!({
        "id": schedule.id,
        "task": assignment.task,
        "save_browser_data": assignment.saves_browser_data,
        "structured_output_json": schedule.structured_output,
        "llm_model": assignment.model,
        "use_adblock": schedule.use_adblock,
        "use_proxy": schedule.use_proxy,
        "highlight_elements": schedule.highlight_elements,
        "schedule_type": kind,
        "interval_minutes": minutes,
        "cron_expression": cron,
        "start_at": time(schedule.start_at),
        "next_run_at": schedule.next_run_at().map(time),
        "end_at": time(schedule.end_at),
        "is_active": schedule.is_active,
        "created_at": time(schedule.created_at),
        "updated_at": time(schedule.updated_at),
        "metadata": assignment.metadata,
    })
}
