//! What we promised survives a crash.
//!
//! The traits are cut by what their callers need, so that a handler's arguments say what it
//! touches. Each method is one transaction in the domain's words. The laws they keep stand in
//! `conformance.rs` and run on every backend.

mod answers;

mod committer;

#[cfg(test)]
mod conformance;

mod error;

mod listing;

mod look;

mod open;

mod sightings;

mod sqlite;

mod stats;

mod turn;

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::sync::watch;

pub use self::error::StoreError;
pub use self::listing::DeliveryFilter;
pub use self::listing::EventFilter;
pub use self::listing::Order;
pub use self::listing::Page;
pub use self::listing::Slice;
pub use self::look::Look;
pub use self::look::file;
pub use self::look::look;
pub use self::open::OpenError;
pub use self::open::OpenOptions;
pub use self::open::open;
pub use self::stats::SinkStats;
use crate::access::NewToken;
use crate::access::Token;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::delivery::Lease;
use crate::delivery::Settle;
use crate::event::Event;
use crate::event::EventId;
use crate::event::NewEvent;
use crate::event::Seq;
use crate::name::EndpointName;
use crate::name::SinkName;
use crate::rejection::NewRejection;
use crate::rejection::Rejection;
use crate::rejection::RejectionId;
use crate::routing::Owed;
use crate::secret::NamedSecret;

/// An event with the deliveries it owes: both are stored, or neither.
#[derive(Clone, Debug)]
pub struct Append {
    /// The event.
    pub event: NewEvent,
    /// One entry a sink.
    pub owed: Vec<Owed>,
}

/// What became of an event that was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number, or the number it has had since it came first.
    pub seq: Seq,
    /// Whether it was known: then nothing new is owed.
    pub duplicate: bool,
}

/// How many deliveries of an event stand where. `waiting` and `leased` count as pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// Still owed.
    pub pending: u64,
    /// Delivered.
    pub delivered: u64,
    /// Given up or refused.
    pub dead: u64,
    /// Not to be delivered.
    pub discarded: u64,
}

/// An event and how its deliveries stand.
#[derive(Clone, Debug)]
pub struct EventRecord {
    /// The event.
    pub event: Event,
    /// Its deliveries.
    pub deliveries: DeliveryCounts,
}

/// The log of events.
#[async_trait]
pub trait EventLog: std::fmt::Debug + Send + Sync {
    /// Stores an event and the deliveries it owes, and returns once both are committed. A known
    /// event owes nothing new.
    async fn append(&self, append: Append) -> Result<Appended, StoreError>;

    /// The number of the newest committed event. It rings whenever something was committed that
    /// may be due, so whoever works on the store waits here instead of polling.
    fn committed(&self) -> watch::Receiver<Seq>;

    /// The event with this id.
    async fn event(&self, id: EventId) -> Result<Option<EventRecord>, StoreError>;

    /// A stretch of the events that a filter lets through.
    async fn events(
        &self,
        filter: &EventFilter,
        slice: Slice,
    ) -> Result<Page<EventRecord>, StoreError>;

    /// Owes an event once more to each of `sinks`. None: there is no such event.
    async fn replay(
        &self,
        id: EventId,
        sinks: &[SinkName],
        now: Timestamp,
    ) -> Result<Option<Vec<Delivery>>, StoreError>;
}

/// How many deliveries a sink can take now.
#[derive(Clone, Debug)]
pub struct Room {
    /// The sink.
    pub sink: SinkName,
    /// At most so many.
    pub limit: usize,
}

/// What became of a wish to change a delivery by hand.
#[derive(Clone, Debug)]
pub enum Changed {
    /// Done; so it stands now.
    Done(Delivery),
    /// It stands where this cannot be done to it.
    NotNow(DeliveryState),
    /// There is none with this id.
    Unknown,
}

/// What is owed to sinks.
#[async_trait]
pub trait DeliveryQueue: std::fmt::Debug + Send + Sync {
    /// Makes sinks known by name, so that events can be owed to them.
    async fn register_sinks(&self, sinks: &[SinkName], now: Timestamp) -> Result<(), StoreError>;

    /// Every sink that was ever registered, also those no longer configured.
    async fn known_sinks(&self) -> Result<Vec<SinkName>, StoreError>;

    /// Takes what is due, at most as much as there is room for, oldest first. Each lease ends at
    /// `now + lease` and is claimable again from then on.
    async fn claim(
        &self,
        rooms: Vec<Room>,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Vec<Lease>, StoreError>;

    /// Records how a try ended and what becomes of the delivery. False: the lease was no longer
    /// held, and nothing was changed.
    async fn settle(&self, settle: Settle, now: Timestamp) -> Result<bool, StoreError>;

    /// When the next delivery of these sinks is due, leases that run out included.
    async fn next_due(&self, sinks: &[SinkName]) -> Result<Option<Timestamp>, StoreError>;

    /// Gives every lane that lost its head a new one, and says how many had. A safety net: no
    /// lane should ever lose it.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// The delivery with this id, and its attempts.
    async fn delivery(
        &self,
        id: DeliveryId,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError>;

    /// A stretch of the deliveries that a filter lets through.
    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        slice: Slice,
    ) -> Result<Page<Delivery>, StoreError>;

    /// Owes a dead or discarded delivery again, or makes one that waits for its next try due now.
    async fn retry(&self, id: DeliveryId, now: Timestamp) -> Result<Changed, StoreError>;

    /// Ends a delivery that is not delivered; one in flight keeps its worker from settling.
    async fn discard(
        &self,
        id: DeliveryId,
        reason: &str,
        now: Timestamp,
    ) -> Result<Changed, StoreError>;

    /// How a sink fares.
    async fn sink_stats(&self, sink: &SinkName, now: Timestamp) -> Result<SinkStats, StoreError>;
}

/// Requests that were refused.
#[async_trait]
pub trait Rejections: std::fmt::Debug + Send + Sync {
    /// Stores some, and drops the oldest beyond `keep`.
    async fn record(&self, rejections: Vec<NewRejection>, keep: usize) -> Result<(), StoreError>;

    /// The rejection with this id.
    async fn rejection(&self, id: RejectionId) -> Result<Option<Rejection>, StoreError>;

    /// A stretch of them.
    async fn rejections(&self, slice: Slice) -> Result<Page<Rejection>, StoreError>;
}

/// Tokens that open the API.
#[async_trait]
pub trait Access: std::fmt::Debug + Send + Sync {
    /// Keeps a token's hash.
    async fn create_token(&self, token: NewToken) -> Result<Token, StoreError>;

    /// The token with this hash, valid or not.
    async fn token(&self, hash: TokenHash) -> Result<Option<Token>, StoreError>;

    /// All of them, newest first.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Takes a token back. False: there is none with this id.
    async fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<bool, StoreError>;

    /// Remembers that a token was used.
    async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<(), StoreError>;
}

/// What is known of an endpoint beyond its configuration.
#[async_trait]
pub trait Endpoints: std::fmt::Debug + Send + Sync {
    /// The secrets given to endpoints while the server ran.
    async fn secrets(&self) -> Result<Vec<(EndpointName, NamedSecret)>, StoreError>;

    /// Gives an endpoint a secret, in place of one with the same name.
    async fn set_secret(
        &self,
        endpoint: &EndpointName,
        secret: &NamedSecret,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Remembers that the vendor's test ping came.
    async fn record_ping(&self, endpoint: &EndpointName, at: Timestamp) -> Result<(), StoreError>;

    /// When the last test ping came, by endpoint.
    async fn pings(&self) -> Result<Vec<(EndpointName, Timestamp)>, StoreError>;
}

/// All of it: what the frame holds and hands out in parts.
#[async_trait]
pub trait Store: EventLog + DeliveryQueue + Rejections + Access + Endpoints {
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Commits what has been accepted, moves everything into the one file, and closes it.
    async fn close(&self) -> Result<(), StoreError>;
}
