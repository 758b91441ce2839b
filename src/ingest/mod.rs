//! A request becomes a stored event.
//!
//! `router` answers the vendor's webhooks: it lets nobody in whose signature does not match, hands
//! the event to the store with the deliveries it owes, and says 200 once both are committed.

mod answer;

/// What a request claims of itself before its body is read.
pub mod claim;

/// What would have matched.
pub mod diagnosis;

mod headers;

mod pace;

/// From the wire to our own words.
pub mod payload;

mod ping;

mod receive;

/// Why a request is not let in.
pub mod refusal;

mod rejections;

/// Lets in what the vendor signed, and nothing else.
pub mod signature;

/// The time in the header that is signed.
pub mod signed_time;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use ipnet::IpNet;
use jiff::SignedDuration;
use tokio::sync::Semaphore;

use self::pace::Pace;
pub use self::ping::PingWriter;
pub use self::ping::Pings;
use self::receive::Receiver;
use self::receive::receive;
pub use self::rejections::Recorder;
pub use self::rejections::RejectionLimits;
pub use self::rejections::RejectionWriter;
use self::signature::Policy;
use crate::clock::Clock;
use crate::event::SignatureForm;
use crate::keyring::Keyring;
use crate::name::EndpointName;
use crate::routing::Routes;
use crate::store::EventLog;

/// How often the log is told that nothing can be stored, however many senders come meanwhile.
const COMPLAINTS_PER_MINUTE: u32 = 6;
const COMPLAINTS_AT_ONCE: u32 = 3;

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
    pub routes: Arc<Routes>,
    /// Where events are kept.
    pub log: Arc<dyn EventLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The secrets of these endpoints.
    pub secrets: Keyring,
    /// The memory of test pings.
    pub pings: Pings,
    /// Takes note of what is refused.
    pub rejections: Recorder,
}

impl Receivers {
    /// Each path and the endpoint at work there. An endpoint that nobody gave a place for its
    /// secrets would refuse everything, so it is left out.
    fn at_work(self) -> impl Iterator<Item = (String, Receiver)> {
        let places = Arc::new(Semaphore::new(self.limits.max_concurrent));
        let trusted_proxies: Arc<[IpNet]> = self.trusted_proxies.into();
        let complaints = Arc::new(Pace::new(COMPLAINTS_PER_MINUTE, COMPLAINTS_AT_ONCE));
        self.endpoints.into_iter().filter_map(move |endpoint| {
            let secrets = self.secrets.of(&endpoint.name)?.clone();
            let receiver = Receiver {
                endpoint: endpoint.name,
                policy: Arc::new(Policy {
                    accept: endpoint.accept,
                    max_age: endpoint.max_age,
                }),
                accept_unsigned_test: endpoint.accept_unsigned_test,
                secrets,
                limits: self.limits,
                places: Arc::clone(&places),
                trusted_proxies: Arc::clone(&trusted_proxies),
                routes: Arc::clone(&self.routes),
                log: Arc::clone(&self.log),
                clock: Arc::clone(&self.clock),
                pings: self.pings.clone(),
                rejections: self.rejections.clone(),
                complaints: Arc::clone(&complaints),
            };
            Some((endpoint.path, receiver))
        })
    }
}

/// Receives at every endpoint.
pub fn router(receivers: Receivers) -> Router {
    receivers
        .at_work()
        .fold(Router::new(), |router, (path, receiver)| {
            router.route(&path, post(receive).with_state(Arc::new(receiver)))
        })
}
