//! What is known of tasks: the log followed, what was said kept, and where it leaves each task.
//!
//! Observing is a transaction of its own between two turns. In a turn it would gain nothing, for it
//! comes after the commit that it follows; and what may be wrong with it must not fail an append.

mod events;

mod find;

mod fold;

mod follow;

mod keep;

mod listing;

mod rebuild;

mod report;

mod row;

#[cfg(test)]
mod tests;

mod timeline;

mod tokens;

mod wanted;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::MutexGuard;

use self::fold::Said;
use super::SqliteStore;
use crate::event::Event;
use crate::store::Followed;
use crate::store::KeptReport;
use crate::store::Page;
use crate::store::Rebuild;
use crate::store::Reported;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::store::TimelineEntry;
use crate::task::Observation;
use crate::task::TaskKey;

#[async_trait]
impl TaskBook for SqliteStore {
    async fn follow(&self, limit: usize) -> Result<Followed, StoreError> {
        let mut is_busy = self.alone().await?;
        let followed = follow::step(self, limit).await;
        *is_busy = false;
        followed
    }

    async fn observe(
        &self,
        observations: Vec<(TaskKey, Observation)>,
    ) -> Result<Vec<TaskRecord>, StoreError> {
        let mut is_busy = self.alone().await?;
        let said = observations.into_iter().map(|(key, observation)| Said {
            key,
            observation,
            event: None,
        });
        let folded = fold::fold(&self.readers, said.collect()).await?;
        self.keep(&folded, |_| {}).await?;
        *is_busy = false;
        Ok(folded.into_iter().map(|folded| folded.task).collect())
    }

    async fn keep_report(&self, told: KeptReport) -> Result<Reported, StoreError> {
        let mut is_busy = self.alone().await?;
        let reported = report::keep(self, told).await;
        *is_busy = false;
        reported
    }

    async fn report(&self, key: &TaskKey) -> Result<Option<KeptReport>, StoreError> {
        report::find(&self.readers, key).await
    }

    async fn task(&self, name: &str) -> Result<Option<TaskRecord>, StoreError> {
        find::by_name(&self.readers, name).await
    }

    async fn tasks(
        &self,
        filter: &TaskFilter,
        slice: Slice,
    ) -> Result<Page<TaskRecord>, StoreError> {
        listing::list(&self.readers, filter, slice).await
    }

    async fn timeline(&self, task: i64, slice: Slice) -> Result<Page<TimelineEntry>, StoreError> {
        timeline::list(&self.readers, task, slice).await
    }

    async fn events_about(
        &self,
        task: &TaskKey,
        limit: usize,
    ) -> Result<Vec<Arc<Event>>, StoreError> {
        events::about(self, task, limit).await
    }

    async fn rebuild(&self, so_far: Rebuild, limit: usize) -> Result<Rebuild, StoreError> {
        let mut is_busy = self.alone().await?;
        let rebuilt = rebuild::step(self, so_far, limit).await;
        *is_busy = false;
        rebuilt
    }
}

impl SqliteStore {
    /// Waits to be the only one who observes, from reading how tasks stand to writing it. What is
    /// returned says that somebody does, until whoever holds it says otherwise.
    async fn alone(&self) -> Result<MutexGuard<'_, bool>, StoreError> {
        let mut is_busy = self.observing.lock().await;
        if *is_busy {
            // Who was cut off may have left a commit on its way. Behind the writer it is decided.
            drop(self.writer().await?);
        }
        *is_busy = true;
        Ok(is_busy)
    }
}
