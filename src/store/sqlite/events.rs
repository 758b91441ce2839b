//! The log of events: appending through the committer, reading through the pool.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;
use tokio::sync::watch;

use super::SqliteStore;
use super::by_hand;
use super::event_row;
use super::event_row::columns;
use super::event_row::joined;
use super::listing;
use crate::delivery::Delivery;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Seq;
use crate::name::SinkName;
use crate::store::Append;
use crate::store::Appended;
use crate::store::EventFilter;
use crate::store::EventLog;
use crate::store::EventRecord;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;

#[async_trait]
impl EventLog for SqliteStore {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.committer.append(append).await
    }

    fn committed(&self) -> watch::Receiver<Seq> {
        self.committer.committed()
    }

    async fn event(&self, id: EventId) -> Result<Option<EventRecord>, StoreError> {
        let row = sqlx::query(concat!(
            "select ",
            columns!(),
            " from event e",
            joined!(),
            "where e.id = ?"
        ))
        .bind(id.as_bytes().as_slice())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let event = event_row::read(&row, &self.sightings)?;
        Ok(self.with_counts(vec![event]).await?.pop())
    }

    async fn events(
        &self,
        filter: &EventFilter,
        slice: Slice,
    ) -> Result<Page<EventRecord>, StoreError> {
        let page = listing::events(self, filter, slice).await?;
        Ok(Page {
            items: self.with_counts(page.items).await?,
            next: page.next,
        })
    }

    async fn replay(
        &self,
        id: EventId,
        sinks: &[SinkName],
        now: Timestamp,
    ) -> Result<Option<Vec<Delivery>>, StoreError> {
        let owed = by_hand::replay(&mut *self.writer().await?, id, sinks, now).await?;
        self.committer.ring();
        Ok(owed)
    }
}

impl SqliteStore {
    async fn with_counts(&self, events: Vec<Event>) -> Result<Vec<EventRecord>, StoreError> {
        let numbers = events.iter().map(|event| event.seq);
        let mut counts = event_row::counts(&self.readers, numbers).await?;
        Ok(events
            .into_iter()
            .map(|event| EventRecord {
                deliveries: counts.remove(&event.seq).unwrap_or_default(),
                event,
            })
            .collect())
    }

    /// Events by their numbers.
    pub(super) async fn events_at(&self, numbers: &[Seq]) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from json_each(?) j cross join event e on e.seq = j.value",
            joined!()
        ))
        .bind(serde_json::json!(numbers).to_string())
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| event_row::read(row, &self.sightings))
            .collect()
    }

    /// The number of the first event received at or after `time`; one past the newest if there is
    /// none. By binary search: the writer keeps `received_at` from falling.
    pub(super) async fn first_since(&self, time: Timestamp) -> Result<Seq, StoreError> {
        let wanted = time.as_microsecond();
        let newest: Option<Seq> = sqlx::query_scalar("select max(seq) from event")
            .fetch_one(&self.readers)
            .await?;
        let (mut low, mut high) = (1, newest.unwrap_or(0) + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            // Numbers have gaps; the next one that is there speaks for them.
            let found = sqlx::query(
                "select seq, received_at from event where seq >= ? order by seq limit 1",
            )
            .bind(middle)
            .fetch_optional(&self.readers)
            .await?;
            match found {
                Some(row) if row.try_get::<i64, _>(1)? < wanted => {
                    low = row.try_get::<Seq, _>(0)? + 1;
                }
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
