//! v1, whole: tasks, schedules, profiles, files, search, account.

mod account;

mod media;

mod profiles;

mod run;

mod schedules;

mod search;

mod tasks;

mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use axum::routing::post;
use axum::routing::put;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Account;
use super::Origin;
use super::Refusal;
use super::keys;
use super::paging::Page;
use super::refusal;
use super::time;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;
use crate::simulator::world::Run;
use crate::simulator::world::World;

/// The words for a page and its size, and how large it is unless somebody says so.
const PAGE: [&str; 2] = ["page", "limit"];
const PAGE_SIZE: usize = 10;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/run-task", post(run::run_task))
        .route("/stop-task", put(run::stop))
        .route("/pause-task", put(run::pause))
        .route("/resume-task", put(run::resume))
        .route("/tasks", get(tasks::list))
        .route("/task/{task_id}", get(tasks::show))
        .route("/task/{task_id}/status", get(tasks::status))
        .route("/task/{task_id}/media", get(media::recordings))
        .route("/task/{task_id}/screenshots", get(media::screenshots))
        .route("/task/{task_id}/gif", get(media::gif))
        .route(
            "/task/{task_id}/output-file/{name}",
            get(media::output_file),
        )
        .route("/scheduled-tasks", get(schedules::list))
        .route("/scheduled-task", post(schedules::create))
        .route(
            "/scheduled-task/{task_id}",
            get(schedules::show)
                .put(schedules::update)
                .delete(schedules::delete),
        )
        .route(
            "/browser-profiles",
            get(profiles::list).post(profiles::create),
        )
        .route(
            "/browser-profiles/{profile_id}",
            get(profiles::show)
                .put(profiles::update)
                .delete(profiles::delete),
        )
        .route("/uploads/presigned-url", post(uploads::presign))
        .route("/simple-search", post(search::simple))
        .route("/search-url", post(search::url))
        .route("/balance", get(account::balance))
        .route_layer(middleware::from_fn(keys::by_bearer))
        // Without a key the one says so and the other does not care.
        .route("/me", get(account::me))
        .route("/ping", get(account::ping))
        .fallback(refusal::unknown_path)
}

/// The task of this id.
fn task<'a>(memory: &'a Memory, id: &str, now: Timestamp) -> Result<&'a Run, Refusal> {
    let id = Uuid::parse_str(id).ok();
    id.and_then(|id| memory.run(Api::V1, id, now))
        .ok_or_else(|| Refusal::not_found("Task not found"))
}

/// A page of a list, as v1 writes it.
fn page_of(name: &str, page: Page, (items, total): (Vec<Value>, usize)) -> Value {
    json!({
        name: items,
        "total_pages": total.div_ceil(page.size),
        "page": page.number,
        "limit": page.size,
        "total_count": total,
    })
}
