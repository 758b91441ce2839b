//! What is known of tasks: the log followed, what was said kept, and where it leaves each task.
//!
//! Observing has transactions of its own between two turns. In a turn it would gain nothing, for it
//! comes after the commit that it follows; and what may be wrong with it must not fail an append.

mod find;

mod fold;

mod follow;

mod keep;

mod listing;

mod rebuild;

mod row;

#[cfg(test)]
mod tests;

mod timeline;

mod tokens;

mod wanted;

use async_trait::async_trait;
use tokio::sync::MutexGuard;

use self::fold::Said;
use super::SqliteStore;
use crate::event::Seq;
use crate::store::Followed;
use crate::store::Page;
use crate::store::Rebuild;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::TaskBook;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::store::TimelineEntry;
use crate::task::Observation;
use crate::task::TaskKey;

/// What whoever observes tasks has to know of the one before.
#[derive(Debug, Default)]
pub(super) struct Observing {
    /// Set while somebody writes: found set, it was cut off.
    is_writing: bool,
    /// Up to here events may be observed, even if the log is not followed so far.
    tried: Seq,
}

#[async_trait]
impl TaskBook for SqliteStore {
    async fn follow(&self, limit: usize) -> Result<Followed, StoreError> {
        let mut alone = self.alone().await?;
        let followed = follow::step(self, &mut alone.tried, limit).await;
        alone.is_writing = false;
        followed
    }

    async fn observe(
        &self,
        observations: Vec<(TaskKey, Observation)>,
    ) -> Result<Vec<TaskRecord>, StoreError> {
        let mut alone = self.alone().await?;
        let said = observations.into_iter().map(|(key, observation)| Said {
            key,
            observation,
            event: None,
        });
        let folded = fold::fold(&self.readers, said.collect()).await?;
        self.keep(&folded, None).await?;
        alone.is_writing = false;
        Ok(folded.into_iter().map(|folded| folded.task).collect())
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

    async fn rebuild(&self, so_far: Rebuild, limit: usize) -> Result<Rebuild, StoreError> {
        let mut alone = self.alone().await?;
        let rebuilt = rebuild::step(self, so_far, limit).await;
        alone.is_writing = false;
        rebuilt
    }
}

impl SqliteStore {
    /// Waits to be the only one who observes, from reading how tasks stand to writing it.
    async fn alone(&self) -> Result<MutexGuard<'_, Observing>, StoreError> {
        let mut alone = self.observing.lock().await;
        if alone.is_writing {
            // Who was cut off may have left a commit on its way. Behind the writer it is decided.
            drop(self.writer().await?);
        }
        alone.is_writing = true;
        Ok(alone)
    }
}
