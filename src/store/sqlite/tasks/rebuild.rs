//! Folding everything anew: first the log is read again for what was never observed, then each
//! task is folded from its observations.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::SqlitePool;

use super::fold;
use super::follow;
use super::report;
use super::row;
use super::row::columns;
use super::row::said;
use super::row::timeline;
use crate::store::Rebuild;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::store::sqlite::SqliteStore;
use crate::task::Observation;
use crate::task::Projection;
use crate::task::Source;

/// One step: some events, and when all are read, some tasks.
pub(super) async fn step(
    store: &SqliteStore,
    so_far: Rebuild,
    limit: usize,
) -> Result<Rebuild, StoreError> {
    let now = if so_far == Rebuild::default() {
        begun(&store.readers).await?
    } else {
        so_far
    };
    if now.events_read < now.events {
        observe(store, now, limit).await
    } else if now.tasks_folded < now.tasks {
        refold(store, now, limit).await
    } else {
        Ok(Rebuild {
            is_done: true,
            ..now
        })
    }
}

/// How far there is to go. What comes after is new, and the follower's.
async fn begun(readers: &SqlitePool) -> Result<Rebuild, StoreError> {
    Ok(Rebuild {
        events: follow::place(readers).await?,
        tasks: fold::newest(readers).await?,
        ..Rebuild::default()
    })
}

/// Observes events that were not.
async fn observe(store: &SqliteStore, now: Rebuild, limit: usize) -> Result<Rebuild, StoreError> {
    let read = follow::read(&store.readers, now.events_read, now.events, limit).await?;
    let missing = read.said.len();
    if missing > 0 {
        let folded = fold::fold(&store.readers, read.said).await?;
        store.keep(&folded, |_| {}).await?;
    }
    Ok(Rebuild {
        events_read: read.through,
        added: now.added + missing as u64,
        ..now
    })
}

/// Folds some tasks from their observations, and stores those that come out otherwise.
async fn refold(store: &SqliteStore, now: Rebuild, limit: usize) -> Result<Rebuild, StoreError> {
    let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
    let through = now.tasks_folded.saturating_add(limit).min(now.tasks);
    let range = (now.tasks_folded, through);
    let mut folded = folded(&store.readers, range).await?;
    let mut mended = Vec::new();
    for stored in stored(&store.readers, range).await? {
        let anew = folded
            .remove(&stored.number)
            .map(|anew| anew.instead_of(&stored));
        mended.extend(anew.filter(|anew| *anew != stored));
    }
    let count = mended.len() as u64;
    if count > 0 {
        store.mend(&mended).await?;
    }
    Ok(Rebuild {
        tasks_folded: through,
        mended: now.mended + count,
        ..now
    })
}

/// A task folded anew.
#[derive(Default)]
struct Anew {
    projection: Projection,
    observations: u64,
    /// Whether events are gone that some of it came from.
    is_partial: bool,
}

impl Anew {
    /// The task as it should stand. What an event said of ids and metadata goes with it, and then
    /// only the task as it is stored still knows.
    fn instead_of(mut self, stored: &TaskRecord) -> TaskRecord {
        if self.is_partial {
            let known = &stored.projection;
            self.projection.observe(Observation {
                source: Source::Webhook,
                at: self.projection.first_seen_at,
                seen_at: self.projection.first_seen_at,
                word: None,
                run_id: known.run_id.clone(),
                session_id: known.session_id.clone(),
                metadata: known.metadata.clone(),
            });
        }
        TaskRecord {
            number: stored.number,
            key: stored.key.clone(),
            projection: self.projection,
            observations: self.observations,
        }
    }
}

/// The tasks in a range of numbers, folded anew. Observations are read one by one: a single task
/// may have any number.
async fn folded(
    readers: &SqlitePool,
    (behind, through): (i64, i64),
) -> Result<HashMap<i64, Anew>, StoreError> {
    let mut rows = sqlx::query(concat!(
        "select o.task, ",
        said!(),
        " from ",
        timeline!(),
        "where o.task > ? and o.task <= ?"
    ))
    .bind(behind)
    .bind(through)
    .fetch(readers);
    let mut folded: HashMap<i64, Anew> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let anew = folded.entry(row.try_get(0)?).or_default();
        anew.projection.observe(row::observation(&row, 1)?);
        anew.observations += 1;
        anew.is_partial |= row::is_without_its_event(&row, 1)?;
    }
    for (task, said) in report::observations(readers, (behind, through)).await? {
        folded.entry(task).or_default().projection.observe(said);
    }
    Ok(folded)
}

/// The tasks in a range of numbers as they are stored.
async fn stored(
    readers: &SqlitePool,
    (behind, through): (i64, i64),
) -> Result<Vec<TaskRecord>, StoreError> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from task t where t.id > ? and t.id <= ?"
    ))
    .bind(behind)
    .bind(through)
    .fetch_all(readers)
    .await?;
    rows.iter().map(row::read).collect()
}
