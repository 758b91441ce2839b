//! What is owed to sinks.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;

use super::DeliveryFilter;
use super::Page;
use super::SinkStats;
use super::Slice;
use super::StoreError;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::delivery::Lease;
use crate::delivery::Settle;
use crate::name::SinkName;

/// How many deliveries a sink can take now.
#[derive(Clone, Debug)]
pub struct Room {
    /// The sink.
    pub sink: SinkName,
    /// At most so many.
    pub limit: usize,
    /// How it takes several at once; none: one at a time.
    pub together: Option<Together>,
}

/// How a sink takes several deliveries at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together {
    /// For how long what is due waits for more, unless there is as much as fits, those behind it in
    /// their lanes included. What was refused in company before waits for none.
    pub wait: Duration,
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
    ///
    /// For a sink that takes several at once, those next in a lane come with its head
    /// ([`Lease::held_by`]), and then there may be more than there is room for.
    async fn claim(
        &self,
        rooms: Vec<Room>,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Vec<Lease>, StoreError>;

    /// Records how tries ended and what becomes of the deliveries, all at once. False: the lease
    /// was no longer held, and nothing was changed. Those that one lease holds are settled with it.
    async fn settle_all(
        &self,
        settles: Vec<Settle>,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// The same for one.
    async fn settle(&self, settle: Settle, now: Timestamp) -> Result<bool, StoreError> {
        let settled = self.settle_all(vec![settle], now).await?;
        Ok(settled == [true])
    }

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
