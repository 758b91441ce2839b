//! Folding everything anew: first the log is read again for what was never observed, then each
//! task is folded from its observations.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::SqlitePool;

use super::fold;
use super::follow;
use super::row;
use super::row::columns;
use super::row::said;
use super::tokens;
use crate::store::Rebuild;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::script::Script;
use crate::task::Projection;

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
    let newest: Option<i64> = sqlx::query_scalar("select max(id) from task")
        .fetch_one(readers)
        .await?;
    Ok(Rebuild {
        events: follow::place(readers).await?,
        tasks: newest.unwrap_or(0),
        ..Rebuild::default()
    })
}

/// Observes events that were not.
async fn observe(store: &SqliteStore, now: Rebuild, limit: usize) -> Result<Rebuild, StoreError> {
    let read = follow::read(&store.readers, now.events_read, now.events, limit).await?;
    let missing = read.said.len();
    if missing > 0 {
        let folded = fold::fold(&store.readers, read.said).await?;
        store.keep(&folded, None).await?;
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
    for mut task in stored(&store.readers, range).await? {
        let (projection, observations) = folded.remove(&task.number).unwrap_or_default();
        if (&task.projection, task.observations) != (&projection, observations) && observations > 0
        {
            task.projection = projection;
            task.observations = observations;
            mended.push(task);
        }
    }
    if !mended.is_empty() {
        let found_by = |task: &TaskRecord| (task.number, tokens::of(&task.projection));
        let mut script = Script::default();
        fold::tasks(&mut script, &mended);
        fold::found_by(
            &mut script,
            &mended.iter().map(found_by).collect::<Vec<_>>(),
        );
        store.write(script).await?;
    }
    Ok(Rebuild {
        tasks_folded: through,
        mended: now.mended + mended.len() as u64,
        ..now
    })
}

/// The tasks in a range of numbers, folded anew, each with the number of its observations. They are
/// read one by one: a single task may have any number.
async fn folded(
    readers: &SqlitePool,
    (behind, through): (i64, i64),
) -> Result<HashMap<i64, (Projection, u64)>, StoreError> {
    let mut rows = sqlx::query(concat!(
        "select o.task, ",
        said!(),
        " from observation o where o.task > ? and o.task <= ?"
    ))
    .bind(behind)
    .bind(through)
    .fetch(readers);
    let mut folded: HashMap<i64, (Projection, u64)> = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let (projection, observations) = folded.entry(row.try_get(0)?).or_default();
        drop(projection.observe(row::observation(&row, 1)?));
        *observations += 1;
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
