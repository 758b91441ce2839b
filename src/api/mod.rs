//! The API for programs, under `/api/v1`; Browser Use's own through us, under `/cloud/api`; and the
//! two paths that say how the server is.
//!
//! `docs/api.md` is its manual. Each handler's arguments say what it asks for and what it touches.

mod auth;

mod cloud_trouble;

mod deliveries;

mod endpoints;

mod error;

mod events;

mod filter;

mod gateway;

mod health;

mod id;

mod keys;

mod page;

mod params;

mod payload;

mod rejections;

mod replay_view;

mod replays;

mod sink_look;

mod sink_render;

mod sink_test;

mod sink_verdict;

mod sinks;

mod state;

mod tasks;

mod tokens;

use axum::Router;
use axum::middleware;

pub use self::keys::KeyWriter;
pub use self::keys::Keys;
pub use self::state::ApiState;
pub use self::state::SinkEntry;

/// The API, the gateway, `/livez` and `/readyz`.
pub fn router(state: ApiState) -> Router {
    let api = Router::new()
        .merge(events::router())
        .merge(deliveries::router())
        .merge(replays::router())
        .merge(sinks::router())
        .merge(sink_test::router())
        .merge(sink_render::router())
        .merge(tasks::router())
        .merge(rejections::router())
        .merge(tokens::router())
        .merge(endpoints::router());

    Router::new()
        .nest("/api/v1", api)
        .nest("/cloud/api", gateway::router())
        .route_layer(middleware::from_fn(error::log_failures))
        .merge(health::router())
        .with_state(state)
}

/// `/livez` and `/readyz` alone, for a port that has the API elsewhere: whoever balances webhooks
/// asks where the webhooks go.
pub fn health_router(state: ApiState) -> Router {
    health::router().with_state(state)
}
