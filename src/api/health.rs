//! Whether the server lives, and whether it is ready.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use tokio::time::timeout;
use tracing::warn;

use super::state::ApiState;
use crate::causes::with_causes;
use crate::http::Problem;
use crate::keyring::Keyring;
use crate::shutdown::Shutdown;
use crate::store::Store;

/// How long the database may take to answer: whoever asks has little patience.
const PATIENCE: Duration = Duration::from_secs(2);

/// These two ask for no token: whoever watches over a server need not be able to look into it.
pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
}

/// The answer that all is well.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_for: Option<&'static str>,
}

/// The process runs and answers.
async fn live() -> Json<Health> {
    Json(Health {
        status: "ok",
        waiting_for: None,
    })
}

/// What comes now can be stored. A server that waits for its secret is ready too: a balancer that
/// passed nothing on would keep the test ping from it.
async fn ready(
    State(store): State<Arc<dyn Store>>,
    State(secrets): State<Keyring>,
    State(shutdown): State<Shutdown>,
) -> Response {
    if shutdown.is_requested() {
        return unready("the server is stopping");
    }
    match timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => Json(Health {
            status: "ok",
            waiting_for: secrets.is_one_missing().then_some("secret"),
        })
        .into_response(),
        Ok(Err(error)) => {
            warn!(
                error = %with_causes(&error),
                "Not ready: the store does not answer"
            );
            unready("the store does not answer; the server's log says why")
        }
        Err(_) => unready("the store does not answer in time"),
    }
}

fn unready(detail: &'static str) -> Response {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready")
        .detail(detail)
        .retry_after(5)
        .into_response()
}
