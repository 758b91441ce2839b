//! The events about a task.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::super::SqliteStore;
use super::super::script::Values;
use super::super::tokens;
use crate::event::Event;
use crate::event::Seq;
use crate::store::StoreError;
use crate::task::TaskKey;

/// The newest events about a task, newest first, at most so many. In the log alone: what was stored a
/// moment ago is found.
pub(super) async fn about(
    store: &SqliteStore,
    task: &TaskKey,
    limit: usize,
) -> Result<Vec<Arc<Event>>, StoreError> {
    let found = store.unindexed.ask(&tokens::about(task.kind, &task.id));
    let mut values = Values::default();
    let numbers = found.numbers(&mut values, 1, Seq::MAX);
    values.bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let sql = format!("{numbers} order by seq desc limit ? + 0");
    let numbers: Vec<Seq> = sqlx::query_scalar_with(AssertSqlSafe(sql), values.into_arguments()?)
        .fetch_all(&store.readers)
        .await?;
    let events = store.events_by_number(&numbers).await?;
    // An index of hashes may name a stranger; and a session is named by its tasks' events too.
    let is_about = |event: &&Arc<Event>| TaskKey::of(&event.facts).as_ref() == Some(task);
    let found = numbers.iter().filter_map(|seq| events.get(seq));
    Ok(found.filter(is_about).map(Arc::clone).collect())
}
