//! What arrived, in our own terms.

mod counts;

mod facts;

mod id;

mod sighting;

/// The times that bodies tell.
pub mod time;

/// The shape in which the API and the sinks see an event.
pub mod view;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

pub use self::counts::DeliveryCounts;
pub use self::facts::Facts;
pub use self::id::EventId;
pub use self::id::EventIdError;
pub use self::sighting::Sighting;
use crate::canonical::CanonicalError;
use crate::canonical::Document;
use crate::name::EndpointName;

/// An event's place in the order of commits, counting from 1. A reader who has seen number n never
/// later finds a new event below n.
pub type Seq = i64;

/// The type of the vendor's test ping, and of a test event when it was signed.
pub const TEST: &str = "test";

/// What the types of our own events begin with. Only sinks that name them get them.
pub const OWN_PREFIX: &str = "tidings.";

/// Where an event came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The vendor sent it.
    Webhook,
    /// The Cloud API told us what a webhook did not.
    Reconcile,
    /// Tidings says it of itself.
    Tidings,
}

impl Origin {
    /// Whether there is a request that it came in.
    #[must_use]
    pub fn is_received(self) -> bool {
        self == Self::Webhook
    }
}

impl FromStr for Origin {
    type Err = UnknownOrigin;

    fn from_str(word: &str) -> Result<Self, UnknownOrigin> {
        match word {
            "webhook" => Ok(Self::Webhook),
            "reconcile" => Ok(Self::Reconcile),
            "tidings" => Ok(Self::Tidings),
            _ => Err(UnknownOrigin(word.to_owned())),
        }
    }
}

/// A word that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin: webhook, reconcile, tidings")]
pub struct UnknownOrigin(String);

/// What exactly was signed; see `docs/signature.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureForm {
    /// The whole body as Python's `json.dumps` prints it: the documented form.
    Python,
    /// The whole body as the vendor's npm package prints it, without ASCII escapes.
    Utf8,
    /// The bytes on the wire.
    Raw,
    /// The canonical form of `payload` alone: type and time are not signed.
    Payload,
}

impl SignatureForm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Python, Self::Utf8, Self::Raw, Self::Payload];

    /// Those that an endpoint accepts unless it says otherwise: they cover the whole body.
    pub const WHOLE_BODY: [Self; 3] = [Self::Python, Self::Utf8, Self::Raw];
}

impl FromStr for SignatureForm {
    type Err = UnknownForm;

    fn from_str(word: &str) -> Result<Self, UnknownForm> {
        Self::ALL
            .into_iter()
            .find(|form| form.to_string() == word)
            .ok_or_else(|| UnknownForm(word.to_owned()))
    }
}

/// A word that is no form of a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a form of a signature: python, utf8, raw, payload")]
pub struct UnknownForm(String);

impl fmt::Display for SignatureForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Python => "python",
            Self::Utf8 => "utf8",
            Self::Raw => "raw",
            Self::Payload => "payload",
        })
    }
}

/// How an event proved to be genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What was signed.
    pub form: SignatureForm,
    /// The name of the secret that matched.
    pub secret: Arc<str>,
    /// `X-Browser-Use-Timestamp`, verbatim.
    pub timestamp: Box<str>,
    /// `X-Browser-Use-Signature`, verbatim.
    pub value: Box<str>,
    /// The time that `timestamp` tells.
    pub signed_at: Timestamp,
}

/// An event on its way into the store.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Made from the body.
    pub id: EventId,
    /// Where it came from.
    pub origin: Origin,
    /// The endpoint that received it.
    pub endpoint: EndpointName,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What the body says.
    pub facts: Facts,
    /// The bytes as they came.
    pub body: Bytes,
    /// None for what did not come by webhook.
    pub signature: Option<Signature>,
}

impl NewEvent {
    /// An event that no webhook brought, with a body that we made.
    ///
    /// Fails if the body is beyond what one may hold.
    pub fn of_ours(
        origin: Origin,
        endpoint: &EndpointName,
        body: &Value,
        now: Timestamp,
    ) -> Result<Self, CanonicalError> {
        let body = body.to_string();
        let document = Document::read(body.as_bytes())?;
        let facts = Facts::read(&document);
        Ok(Self {
            id: EventId::of_body(endpoint, facts.occurred_at, document.python()),
            origin,
            endpoint: endpoint.clone(),
            received_at: now,
            facts,
            body: Bytes::from(body),
            signature: None,
        })
    }
}

/// An event in the store.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place in the order of commits.
    pub seq: Seq,
    /// Made from the body.
    pub id: EventId,
    /// Where it came from.
    pub origin: Origin,
    /// The endpoint that received it.
    pub endpoint: EndpointName,
    /// When it arrived first. Never before that of an event with a lower number.
    pub received_at: Timestamp,
    /// What the body says.
    pub facts: Facts,
    /// The bytes as they came.
    pub body: Bytes,
    /// None for what did not come by webhook.
    pub signature: Option<Signature>,
    /// How often it came, the first time included: a lower bound after a crash.
    pub times_received: u64,
    /// When it came last.
    pub last_received_at: Timestamp,
    /// The event that had told the same before: the end of a task is told once, whoever tells it.
    pub same_as: Option<EventId>,
}
