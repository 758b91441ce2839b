//! v2: tasks, their sessions, profiles, files and the account. Skills, the marketplace and bare
//! browsers are not simulated.

mod create;

mod files;

mod sessions;

mod sharing;

mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use axum::routing::post;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::Refusal;
use super::asked::path_id;
use super::paging::Page;
use super::profiles;
use super::refusal;
use super::time;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;
use crate::simulator::world::Run;
use crate::simulator::world::Session;
use crate::simulator::world::World;

/// The words for a page and its size, and how large it is unless somebody says so.
const PAGE: [&str; 2] = ["pageNumber", "pageSize"];
const PAGE_SIZE: usize = 10;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/tasks", get(tasks::list).post(create::create))
        .route("/tasks/{task_id}", get(tasks::show).patch(tasks::update))
        .route("/tasks/{task_id}/status", get(tasks::status))
        .route("/tasks/{task_id}/logs", get(files::logs))
        .route("/sessions", get(sessions::list).post(sessions::create))
        .route(
            "/sessions/{session_id}",
            get(sessions::show)
                .patch(sessions::update)
                .delete(sessions::delete),
        )
        .route("/sessions/{session_id}/purge", post(sharing::purge))
        .route(
            "/sessions/{session_id}/public-share",
            get(sharing::show)
                .post(sharing::create)
                .delete(sharing::delete),
        )
        .route(
            "/files/sessions/{session_id}/presigned-url",
            post(files::presign),
        )
        .route(
            "/files/tasks/{task_id}/output-files/{file_id}",
            get(files::output_file),
        )
        .nest("/profiles", profiles::router(Api::V2))
        .route("/billing/account", get(super::billing::account))
        .fallback(refusal::unknown_path)
}

/// The task of this id.
fn task<'a>(memory: &'a Memory, id: &str, now: Timestamp) -> Result<&'a Run, Refusal> {
    memory
        .run(Api::V2, path_id(id, "task_id")?, now)
        .ok_or_else(|| Refusal::not_found("Task not found"))
}

/// The session of this id.
fn session<'a>(memory: &'a Memory, id: &str) -> Result<&'a Session, Refusal> {
    memory
        .session(Api::V2, path_id(id, "session_id")?)
        .ok_or_else(session_not_found)
}

fn session_not_found() -> Refusal {
    Refusal::not_found("Session not found")
}

/// A page of a list, as v2 writes it.
fn page_of(page: Page, (items, total): (Vec<Value>, usize)) -> Value {
    json!({
        "items": items,
        "totalItems": total,
        "pageNumber": page.number,
        "pageSize": page.size,
    })
}
