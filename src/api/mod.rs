//! The API for programs, under `/api/v1`, and the two paths that say how the server is.

mod keys;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;

pub use self::keys::KeyWriter;
pub use self::keys::Keys;
use crate::clock::Clock;
use crate::ingest::Pings;
use crate::ingest::Secrets;
use crate::name::SinkName;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::sinks::Sink;
use crate::store::Store;

/// A sink that is configured.
#[derive(Clone, Debug)]
pub struct SinkEntry {
    /// Its name.
    pub name: SinkName,
    /// The word in its `type` key.
    pub kind: &'static str,
    /// How long a try may take.
    pub timeout: Duration,
    /// The sink itself.
    pub sink: Arc<dyn Sink>,
}

/// All that the API works on.
#[derive(Clone, Debug)]
pub struct ApiState {
    /// Everything that is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Which sinks an event is owed to.
    pub routes: Arc<Routes>,
    /// The sinks that are configured.
    pub sinks: Arc<[SinkEntry]>,
    /// The webhook secrets.
    pub secrets: Secrets,
    /// The memory of test pings.
    pub pings: Pings,
    /// Who may call.
    pub keys: Keys,
    /// Heard by `/readyz`: a server that stops wants no new work.
    pub shutdown: Shutdown,
}

/// The API, `/livez` and `/readyz`.
pub fn router(state: ApiState) -> Router {
    drop(state);
    Router::new()
}
