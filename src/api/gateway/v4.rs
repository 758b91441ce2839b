//! What of v4 goes through: looking at runs.

use axum::Router;
use axum::routing::get;

use super::calls::pass;
use crate::api::state::ApiState;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/runs", get(pass))
        .route("/runs/{run_id}", get(pass))
        .route("/runs/{run_id}/status", get(pass))
}
