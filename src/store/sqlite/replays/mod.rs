//! Replays, between two turns: what they owe is claimed and settled like everything else.

mod advance;

mod end;

mod read;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::codes::from_again;
use super::codes::micros;
use super::codes::torn;
use super::listing;
use crate::event::Event;
use crate::replay::ReplayId;
use crate::store::EventFilter;
use crate::store::NewReplay;
use crate::store::Page;
use crate::store::Portion;
use crate::store::Replay;
use crate::store::ReplayDebts;
use crate::store::Replays;
use crate::store::Selection;
use crate::store::Slice;
use crate::store::StoreError;

#[async_trait]
impl Replays for SqliteStore {
    async fn begin_replay(&self, new: NewReplay, now: Timestamp) -> Result<Replay, StoreError> {
        let mut writer = self.writer().await?;
        writer.register_sinks(&new.sinks, now).await?;
        let sinks: Vec<_> = new.sinks.iter().map(|name| writer.sink(name)).collect();

        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        let id = begin(&mut transaction, &new, &sinks, now).await?;
        let begun = read::one(&mut transaction, id).await?;
        transaction.commit().await?;
        begun.ok_or_else(|| torn("replay"))
    }

    async fn find_replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        read::one(&mut reader, id).await
    }

    async fn list_replays(&self, slice: Slice) -> Result<Page<Replay>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        read::list(&mut reader, slice).await
    }

    async fn unfinished_replays(&self) -> Result<Vec<Replay>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        read::unfinished(&mut reader).await
    }

    async fn replay_debts(&self, now: Timestamp) -> Result<Vec<ReplayDebts>, StoreError> {
        read::debts(&self.readers, now).await
    }

    async fn events_to_replay(
        &self,
        filter: &EventFilter,
        slice: Slice,
    ) -> Result<Page<Event>, StoreError> {
        listing::events(self, filter, slice).await
    }

    async fn advance_replay(&self, portion: Portion, now: Timestamp) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        // What a power cut takes back is owed anew: no claim is on the disk without what it claims.
        writer.will_sync(false).await?;
        let owed = advance::advance(&mut writer, &portion, now).await?;
        drop(writer);
        if owed > 0 {
            self.committer.ring();
        }
        Ok(owed)
    }

    async fn cancel_replay(
        &self,
        id: ReplayId,
        now: Timestamp,
    ) -> Result<Option<Replay>, StoreError> {
        let mut writer = self.writer().await?;
        end::cancel(&mut writer.connection, id, now).await
    }
}

async fn begin(
    connection: &mut SqliteConnection,
    new: &NewReplay,
    sinks: &[Option<i64>],
    now: Timestamp,
) -> Result<ReplayId, StoreError> {
    let filter = match &new.selection {
        Selection::Events(filter) => serde_json::to_vec(filter),
        Selection::Deliveries(filter) => serde_json::to_vec(filter),
    };
    let begun =
        sqlx::query("insert into replay (kind, filter, matched, created_at) values (?, ?, ?, ?)")
            .bind(from_again(new.selection.again()))
            .bind(filter.map_err(|_unspeakable| torn("filter"))?)
            .bind(i64::try_from(new.matched).unwrap_or(i64::MAX))
            .bind(micros(now))
            .execute(&mut *connection)
            .await?;
    let id = ReplayId::new(now, begun.last_insert_rowid());
    for sink in sinks {
        sqlx::query(
            "insert into replay_sink (replay, sink, behind, reached, through)
             values (?, ?, ?, ?, ?)",
        )
        .bind(id.row())
        .bind(sink)
        .bind(new.behind)
        .bind(new.behind)
        .bind(new.through.max(new.behind))
        .execute(&mut *connection)
        .await?;
    }
    Ok(id)
}
