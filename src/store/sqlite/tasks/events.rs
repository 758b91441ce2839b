//! The events about a task.

use std::sync::Arc;

use super::super::SqliteStore;
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
    let numbers: Vec<Seq> = sqlx::query_scalar(
        "select rowid from event_token where event_token match ? order by rowid desc limit ?",
    )
    .bind(tokens::about(task.kind, &task.id))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(&store.readers)
    .await?;
    let events = store.events_by_number(&numbers).await?;
    // An index of hashes may name a stranger; and a session is named by its tasks' events too.
    let is_about = |event: &&Arc<Event>| TaskKey::of(&event.facts).as_ref() == Some(task);
    let found = numbers.iter().filter_map(|seq| events.get(seq));
    Ok(found.filter(is_about).map(Arc::clone).collect())
}
