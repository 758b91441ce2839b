//! The store in one SQLite file.
//!
//! One connection writes, for the committer's turns and for the rare changes made by hand; a pool
//! reads. Reads are short, so that they never keep the log beside the file from being emptied.

mod access;

mod append;

mod by_hand;

mod captures;

mod claim;

mod claim_together;

mod codes;

mod deliveries;

mod delivery_row;

mod endpoints;

mod enrichments;

mod event_row;

mod events;

mod facts;

mod failure;

#[cfg(test)]
mod faults;

mod fresh;

mod ledger;

mod listing;

mod lock;

mod look;

mod migrate;

mod open;

#[cfg(test)]
mod plans;

mod question;

mod queue;

mod rejections;

mod replays;

mod script;

mod search;

mod settle;

mod sinks;

mod standings;

mod stretch;

mod tasks;

#[cfg(test)]
mod tests;

mod told;

mod tokens;

mod turn;

mod unindexed;

mod writer;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::Executor as _;
use sqlx::SqlitePool;
use tokio::sync::MappedMutexGuard;
use tokio::sync::Mutex;
use tokio::sync::MutexGuard;
use tokio::sync::watch;

use self::lock::FileLock;
pub(super) use self::look::file;
pub(super) use self::look::look;
use self::unindexed::Unindexed;
use self::writer::Writer;
use super::Standings;
use super::Store;
use super::StoreError;
use super::committer::Committer;
use super::recent::Recent;
use super::sightings::Sightings;

/// A store in a SQLite file.
pub(crate) struct SqliteStore {
    committer: Committer,
    sightings: Sightings,
    recent: Recent,
    unindexed: Unindexed,
    standings: watch::Sender<Arc<Standings>>,
    /// None once it is closed.
    writer: Arc<Mutex<Option<Writer>>>,
    readers: SqlitePool,
    /// Whoever observes tasks is alone; see `alone` in `tasks`.
    observing: Mutex<bool>,
    lock: Mutex<Option<FileLock>>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// The writing connection, between two turns: for what is too rare to have a place in them.
    async fn writer(&self) -> Result<MappedMutexGuard<'_, Writer>, StoreError> {
        let mut writer = MutexGuard::try_map(self.writer.lock().await, Option::as_mut)
            .map_err(|_closed| StoreError::Closed)?;
        writer.will_sync(true).await?;
        Ok(writer)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.execute("select 1").await?;
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.committer.close().await;
        // Readers first: the log beside the file cannot be emptied while somebody reads from it.
        self.readers.close().await;
        let Some(mut writer) = self.writer.lock().await.take() else {
            return Ok(());
        };
        let emptied = writer
            .connection
            .execute("pragma wal_checkpoint(truncate)")
            .await;
        writer.connection.close().await?;
        self.lock.lock().await.take();
        emptied?;
        Ok(())
    }
}
