//! What of v1 goes through: all of it.

use axum::Router;
use axum::routing::get;
use axum::routing::post;
use axum::routing::put;

use super::calls::pass;
use super::calls::start;
use crate::api::state::ApiState;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/run-task", post(start))
        .route("/stop-task", put(pass))
        .route("/pause-task", put(pass))
        .route("/resume-task", put(pass))
        .route("/tasks", get(pass))
        .route("/task/{task_id}", get(pass))
        .route("/task/{task_id}/status", get(pass))
        .route("/task/{task_id}/media", get(pass))
        .route("/task/{task_id}/screenshots", get(pass))
        .route("/task/{task_id}/gif", get(pass))
        .route("/task/{task_id}/output-file/{file_name}", get(pass))
        .route("/scheduled-tasks", get(pass))
        .route("/scheduled-task", post(pass))
        .route(
            "/scheduled-task/{task_id}",
            get(pass).put(pass).delete(pass),
        )
        .route("/browser-profiles", get(pass).post(pass))
        .route(
            "/browser-profiles/{profile_id}",
            get(pass).put(pass).delete(pass),
        )
        .route("/uploads/presigned-url", post(pass))
        .route("/simple-search", post(pass))
        .route("/search-url", post(pass))
        .route("/balance", get(pass))
        .route("/me", get(pass))
        .route("/ping", get(pass))
}
