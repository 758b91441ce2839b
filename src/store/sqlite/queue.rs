//! What is owed to sinks: claiming and settling through the committer, the rest between its turns.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;

use super::SqliteStore;
use super::by_hand;
use super::codes::time;
use super::deliveries;
use super::sinks;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::Lease;
use crate::delivery::Settle;
use crate::event::Event;
use crate::event::Seq;
use crate::name::SinkName;
use crate::store::Changed;
use crate::store::DeliveryFilter;
use crate::store::DeliveryQueue;
use crate::store::Page;
use crate::store::Room;
use crate::store::SinkStats;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::turn::Claim;
use crate::store::turn::Claimed;

/// At most so many lanes get a new head in one sweep. The next one goes on.
const SWEEP: i64 = 10_000;

#[async_trait]
impl DeliveryQueue for SqliteStore {
    async fn register_sinks(&self, names: &[SinkName], now: Timestamp) -> Result<(), StoreError> {
        self.writer().await?.register_sinks(names, now).await
    }

    async fn known_sinks(&self) -> Result<Vec<SinkName>, StoreError> {
        sinks::known(&self.readers).await
    }

    async fn claim(
        &self,
        rooms: Vec<Room>,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<Vec<Lease>, StoreError> {
        let claim = Claim { rooms, now, lease };
        let claimed = self.committer.claim(claim).await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        // Should this fail, the leases run out and the deliveries are claimed again.
        self.with_events(claimed).await
    }

    async fn settle_all(
        &self,
        settles: Vec<Settle>,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError> {
        self.committer.settle(settles, now).await
    }

    async fn next_due(&self, sinks: &[SinkName]) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(
            "select min((select min(d.due_at) from delivery d indexed by delivery_due
                          where d.sink = n.id and d.due_at is not null))
               from json_each(?) j cross join sink n on n.name = j.value",
        )
        .bind(json!(sinks).to_string())
        .fetch_one(&self.readers)
        .await?;
        due.map(time).transpose()
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.refresh_standings().await?;
        // Read first: a reader sees whole turns, so what it finds without a head has lost it, and
        // as a rule it finds nothing and the writer is left alone.
        let lost: Vec<i64> = sqlx::query_scalar(
            "select d.id
               from (select min(id) as id from delivery indexed by delivery_lane
                      where settled_at is null and lane is not null
                      group by sink, lane) head
              cross join delivery d on d.id = head.id
              where d.due_at is null
              limit ? + 0",
        )
        .bind(SWEEP)
        .fetch_all(&self.readers)
        .await?;
        if lost.is_empty() {
            return Ok(0);
        }
        let promoted = by_hand::promote(&mut *self.writer().await?, &lost, now).await?;
        self.committer.ring();
        Ok(promoted)
    }

    async fn delivery(
        &self,
        id: DeliveryId,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
        deliveries::one(&self.readers, id).await
    }

    async fn deliveries(
        &self,
        filter: &DeliveryFilter,
        slice: Slice,
    ) -> Result<Page<Delivery>, StoreError> {
        deliveries::list(self, filter, slice).await
    }

    async fn retry(&self, id: DeliveryId, now: Timestamp) -> Result<Changed, StoreError> {
        let changed = by_hand::retry(&mut *self.writer().await?, id, now).await?;
        self.committer.ring();
        Ok(changed)
    }

    async fn discard(
        &self,
        id: DeliveryId,
        reason: &str,
        now: Timestamp,
    ) -> Result<Changed, StoreError> {
        let changed = by_hand::discard(&mut *self.writer().await?, id, reason, now).await?;
        self.committer.ring();
        Ok(changed)
    }

    async fn sink_stats(&self, sink: &SinkName, now: Timestamp) -> Result<SinkStats, StoreError> {
        sinks::stats(&self.readers, sink, now).await
    }
}

impl SqliteStore {
    /// Finds the events of leases, and what is sent with them: each once, however many sinks it is
    /// owed to.
    async fn with_events(&self, claimed: Vec<Claimed>) -> Result<Vec<Lease>, StoreError> {
        let numbers: Vec<Seq> = claimed.iter().map(|lease| lease.event).collect();
        let events = self.events_by_number(&numbers).await?;
        let wanting = claimed.iter().filter(|lease| lease.enriched);
        let wanting: BTreeSet<Seq> = wanting.map(|lease| lease.event).collect();
        let enrichments = if wanting.is_empty() {
            HashMap::new()
        } else {
            self.enrichments(&wanting.into_iter().collect::<Vec<_>>())
                .await?
        };
        let lease = |claimed: Claimed| {
            let enrichment = enrichments.get(&claimed.event);
            Some(Lease {
                delivery: claimed.delivery,
                fence: claimed.fence,
                sink: claimed.sink,
                event: Arc::clone(events.get(&claimed.event)?),
                enrichment: enrichment.filter(|_| claimed.enriched).cloned(),
                attempts: claimed.attempts,
                patience_since: claimed.patience_since,
                replay: claimed.replay,
                held_by: claimed.held_by,
                goes_alone: claimed.goes_alone,
            })
        };
        // A foreign key keeps every event that is owed, so none is missing.
        Ok(claimed.into_iter().filter_map(lease).collect())
    }

    /// The events with these numbers, those at hand not read again.
    pub(super) async fn events_by_number(
        &self,
        numbers: &[Seq],
    ) -> Result<HashMap<Seq, Arc<Event>>, StoreError> {
        let mut events: HashMap<Seq, Arc<Event>> = HashMap::new();
        let mut to_read = BTreeSet::new();
        for &seq in numbers {
            match self.recent.get(seq) {
                Some(event) => {
                    events.insert(seq, event);
                }
                None => {
                    to_read.insert(seq);
                }
            }
        }
        if !to_read.is_empty() {
            let to_read: Vec<Seq> = to_read.into_iter().collect();
            let read = self.events_at(&to_read).await?;
            events.extend(read.into_iter().map(|event| (event.seq, Arc::new(event))));
        }
        Ok(events)
    }
}
