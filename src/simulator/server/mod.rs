//! The API, over HTTP: a folder for each of its versions, in the vendor's shapes.

mod asked;

mod billing;

mod control;

mod files;

mod keys;

mod origin;

mod overheard;

mod paging;

mod profiles;

mod refusal;

mod trouble;

mod v1;

mod v2;

mod v3;

mod v4;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::State;
use axum::middleware;
use axum::routing::get;
use jiff::Timestamp;

use self::keys::Account;
use self::origin::Origin;
pub use self::overheard::Asked;
pub(super) use self::overheard::overheard;
use self::refusal::Refusal;
use super::Options;
use super::world::World;
use crate::clock::Clock;
use crate::event::view::time;

/// The largest request of the API, in bytes; files are put elsewhere.
const BODY_LIMIT: usize = 1024 * 1024;

/// Everything that the simulator answers.
pub(super) fn router(world: Arc<World>, options: Options, clock: Arc<dyn Clock>) -> Router {
    let by_header = || middleware::from_fn(keys::by_header);
    let strikes = middleware::from_fn_with_state(Arc::clone(&world), trouble::may_strike);
    let api = Router::new()
        .nest("/api/v1", v1::router())
        .nest("/api/v2", v2::router().layer(by_header()))
        .nest("/api/v3", v3::router().layer(by_header()))
        .nest("/api/v4", v4::router().layer(by_header()))
        .layer(strikes);
    Router::new()
        .merge(api)
        .nest("/simulator", control::router(options, clock))
        .route("/live/{id}", get(live))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .nest("/files", files::router())
        .fallback(refusal::unknown_path)
        .method_not_allowed_fallback(refusal::unknown_method)
        .with_state(world)
}

/// Where a run could be watched, if there was a browser.
async fn live(State(world): State<Arc<World>>, Path(id): Path<String>) -> String {
    let now: Timestamp = world.now();
    format!(
        "Here an agent would be seen at work on {id}, at {}.\n",
        time(now)
    )
}
