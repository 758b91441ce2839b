//! What of v2 goes through: tasks, sessions, profiles, files and the account. Skills, the
//! marketplace and bare browsers do not.

use axum::Router;
use axum::routing::get;
use axum::routing::post;

use super::calls::pass;
use super::calls::start;
use crate::api::state::ApiState;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/tasks", get(pass).post(start))
        .route("/tasks/{task_id}", get(pass).patch(pass))
        .route("/tasks/{task_id}/status", get(pass))
        .route("/tasks/{task_id}/logs", get(pass))
        .route("/sessions", get(pass).post(pass))
        .route("/sessions/{session_id}", get(pass).patch(pass).delete(pass))
        .route("/sessions/{session_id}/purge", post(pass))
        .route(
            "/sessions/{session_id}/public-share",
            get(pass).post(pass).delete(pass),
        )
        .route("/files/sessions/{session_id}/presigned-url", post(pass))
        .route("/files/tasks/{task_id}/output-files/{file_id}", get(pass))
        .route("/profiles", get(pass).post(pass))
        .route("/profiles/{profile_id}", get(pass).patch(pass).delete(pass))
        .route("/billing/account", get(pass))
}
