//! What of v3 goes through: looking at sessions.

use axum::Router;
use axum::routing::get;

use super::calls::pass;
use crate::api::state::ApiState;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/sessions", get(pass))
        .route("/sessions/{session_id}", get(pass))
}
