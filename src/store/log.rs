//! The log of events.

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::EventFilter;
use super::Page;
use super::Slice;
use super::StoreError;
use crate::delivery::Delivery;
use crate::event::DeliveryCounts;
use crate::event::Event;
use crate::event::EventId;
use crate::event::NewEvent;
use crate::event::Seq;
use crate::name::SinkName;
use crate::routing::Owed;

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
pub enum Appended {
    /// It was stored under this number. What it owes is owed, unless it only says what another
    /// event had told before ([`Event::same_as`]).
    New(Seq),
    /// It has had this number since it came first, and nothing new is owed.
    Known(Seq),
    /// It was to tell what no webhook told, and somebody had: nothing is stored.
    Told,
}

impl Appended {
    /// Whether it was known: the same body came before.
    #[must_use]
    pub fn is_known(self) -> bool {
        matches!(self, Self::Known(_))
    }
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
