//! The simulator's own routes: what goes wrong, and where webhooks go.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use crate::clock::Clock;
use crate::secret::Secret;
use crate::simulator::Mischief;
use crate::simulator::Options;
use crate::simulator::webhooks::Webhook;
use crate::simulator::world::World;

/// What is registered in the dashboard.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: Url,
    secret: Secret,
}

pub(super) fn router(options: Options, clock: Arc<dyn Clock>) -> Router<Arc<World>> {
    let register = move |State(world): State<Arc<World>>, body: Bytes| async move {
        register(&world, &body, &options, &*clock).await
    };
    Router::new()
        .route("/mischief", get(mischief).post(misbehave))
        .route("/webhook", post(register))
}

/// What goes wrong at present.
async fn mischief(State(world): State<Arc<World>>) -> Json<Mischief> {
    Json(world.look(|memory, _| memory.mischief.clone()))
}

/// Says what goes wrong from now on. What is left out goes well.
async fn misbehave(State(world): State<Arc<World>>, body: Bytes) -> Response {
    match read::<Mischief>(&body) {
        Ok(mischief) => {
            world.change(|memory, _| memory.mischief = mischief.clone());
            Json(mischief).into_response()
        }
        Err(refusal) => refusal,
    }
}

/// Registers a webhook, as the dashboard does: only if the test ping is taken.
async fn register(world: &World, body: &Bytes, options: &Options, clock: &dyn Clock) -> Response {
    let registration = match read::<Registration>(body) {
        Ok(registration) => registration,
        Err(refusal) => return refusal,
    };
    let webhook = match Webhook::new(registration.url, registration.secret, options) {
        Ok(webhook) => webhook,
        Err(error) => return refused(&error.to_string()),
    };
    match webhook.ping(clock).await {
        Ok(answer) if answer.is_success() => {
            world.change(|memory, _| memory.webhook = Some(webhook));
            Json(answer).into_response()
        }
        Ok(answer) => {
            let status = answer.status;
            refused(&format!("the test ping was answered with {status}"))
        }
        Err(error) => refused(&format!("the test ping was not answered: {error}")),
    }
}

#[expect(
    clippy::result_large_err,
    reason = "it is answered at once and goes no further"
)]
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Response> {
    serde_json::from_slice(body).map_err(|error| refused(&error.to_string()))
}

fn refused(detail: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "detail": detail }))).into_response()
}
