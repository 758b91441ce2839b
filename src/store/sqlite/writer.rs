//! The one connection that writes, and what it must remember between turns.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Executor as _;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use tracing::debug;

use super::claim_together;
use super::settle;
use super::told::Membership;
use super::unindexed::Unindexed;
use crate::causes::with_causes;
use crate::event::Seq;
use crate::name::EndpointName;
use crate::name::SinkName;
use crate::store::StoreError;

/// The writing connection. Whoever holds it is alone: a turn, or one of the rare changes that
/// people make by hand.
pub(super) struct Writer {
    pub(super) connection: SqliteConnection,
    /// The newest event's number.
    pub(super) newest: Seq,
    /// When it was received, in microseconds. No later event may seem older: listings find a time
    /// by binary search.
    pub(super) received_at: i64,
    /// The newest events, to be put into the index by the hundred.
    pub(super) unindexed: Unindexed,
    /// Of which tasks something was told.
    pub(super) told: Membership,
    /// Whether the newest events are known; not after an error that may have come after the commit.
    knows_unindexed: bool,
    /// Whether commits wait for the disk; none while that is being changed.
    syncs: Option<bool>,
    sinks: HashMap<SinkName, i64>,
    endpoints: HashMap<EndpointName, i64>,
}

impl Writer {
    /// Takes over a connection to a database in its present form, and voids the leases that a
    /// process before us left: whoever held them is gone, for nobody else may hold this file.
    pub(super) async fn take_over(
        mut connection: SqliteConnection,
        readers: SqlitePool,
    ) -> Result<Self, StoreError> {
        connection.execute(settle::TEMPORARY_TABLE).await?;
        connection.execute(claim_together::TEMPORARY_TABLE).await?;
        sqlx::query(
            "update delivery indexed by delivery_leased
                set state = 0, lease = lease + 1, due_at = created_at
              where state = 1",
        )
        .execute(&mut connection)
        .await?;
        let unindexed = Unindexed::default();
        unindexed.read(&mut connection).await?;
        let mut writer = Self {
            connection,
            newest: 0,
            received_at: i64::MIN,
            told: Membership::load(readers, unindexed.clone()),
            unindexed,
            knows_unindexed: true,
            syncs: None,
            sinks: HashMap::new(),
            endpoints: HashMap::new(),
        };
        writer.read_newest().await?;
        writer.read_sinks().await?;
        Ok(writer)
    }

    /// From now on commits wait for the disk, or do not. Those that do not survive a power cut only
    /// once a later one has waited; they never come out torn, or in another order.
    pub(super) async fn will_sync(&mut self, syncs: bool) -> Result<(), StoreError> {
        if self.syncs != Some(syncs) {
            // Should we be dropped on the way, the next one sets it for certain.
            self.syncs = None;
            let sql = if syncs {
                "pragma synchronous = full"
            } else {
                "pragma synchronous = normal"
            };
            self.connection.execute(sql).await?;
            self.syncs = Some(syncs);
        }
        Ok(())
    }

    /// The number of a sink that was registered.
    pub(super) fn sink(&self, name: &SinkName) -> Option<i64> {
        self.sinks.get(name).copied()
    }

    /// Makes sinks known.
    pub(super) async fn register_sinks(
        &mut self,
        names: &[SinkName],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for name in names {
            if self.sinks.contains_key(name) {
                continue;
            }
            sqlx::query(
                "insert into sink (name, registered_at) values (?, ?) on conflict do nothing",
            )
            .bind(name.as_str())
            .bind(now.as_microsecond())
            .execute(&mut self.connection)
            .await?;
        }
        self.read_sinks().await
    }

    /// The number of an endpoint, which it gets when it is first seen.
    pub(super) async fn endpoint(&mut self, name: &EndpointName) -> Result<i64, StoreError> {
        if let Some(&number) = self.endpoints.get(name) {
            return Ok(number);
        }
        sqlx::query("insert into endpoint (name) values (?) on conflict do nothing")
            .bind(name.as_str())
            .execute(&mut self.connection)
            .await?;
        let number = sqlx::query_scalar("select id from endpoint where name = ?")
            .bind(name.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        self.endpoints.insert(name.clone(), number);
        Ok(number)
    }

    /// After an error: ends the transaction, and reads again what the next turn counts on, for the
    /// error may have come after the commit.
    pub(super) async fn recover(&mut self) {
        // There may be no transaction any more: some errors end it themselves.
        if let Err(error) = self.connection.execute("rollback").await {
            debug!(error = %with_causes(&error), "There was nothing to roll back");
        }
        self.knows_unindexed = false;
        if let Err(error) = self.read_newest().await {
            debug!(error = %with_causes(&error), "Could not read the newest event; the next turn will tell");
        }
    }

    /// Makes certain that the events that are not in the index are known.
    pub(super) async fn know_unindexed(&mut self) -> Result<(), StoreError> {
        if !self.knows_unindexed {
            self.unindexed.read(&mut self.connection).await?;
            self.knows_unindexed = true;
        }
        Ok(())
    }

    async fn read_newest(&mut self) -> Result<(), StoreError> {
        let newest: Option<(Seq, i64)> =
            sqlx::query_as("select seq, received_at from event order by seq desc limit 1")
                .fetch_optional(&mut self.connection)
                .await?;
        if let Some((newest, received_at)) = newest {
            self.newest = newest;
            self.received_at = received_at;
        }
        Ok(())
    }

    async fn read_sinks(&mut self) -> Result<(), StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as("select name, id from sink")
            .fetch_all(&mut self.connection)
            .await?;
        self.sinks = rows
            .into_iter()
            .filter_map(|(name, number)| Some((name.parse().ok()?, number)))
            .collect();
        Ok(())
    }
}
