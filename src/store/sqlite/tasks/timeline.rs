//! The timeline of a task: what was said about it, in the order in which we learned.

use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::row;
use super::row::said;
use super::row::timeline;
use crate::event::EventId;
use crate::store::Order;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::TimelineEntry;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::listing::direction;
use crate::store::sqlite::listing::one_more;

/// A stretch of a task's timeline.
pub(super) async fn list(
    readers: &SqlitePool,
    task: i64,
    slice: Slice,
) -> Result<Page<TimelineEntry>, StoreError> {
    let (beyond, beginning) = match slice.order {
        Order::Descending => ("<", i64::MAX),
        Order::Ascending => (">", 0),
    };
    let sql = format!(
        "select o.number, e.id, {}
           from {}
          where o.task = ? and o.number {beyond} ?
          order by o.number {} limit ? + 0",
        said!(),
        timeline!(),
        direction(slice.order),
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(task)
        .bind(slice.after.unwrap_or(beginning))
        .bind(one_more(slice.limit))
        .fetch_all(readers)
        .await?;
    let mut items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > slice.limit;
    items.truncate(slice.limit);
    let last = items.last().map(|entry| entry.number);
    Ok(Page {
        items,
        next: last.filter(|_| more),
    })
}

fn read(row: &SqliteRow) -> Result<TimelineEntry, StoreError> {
    let event = row.try_get::<Option<&[u8]>, _>(1)?.map(|id| {
        let id: [u8; 16] = id.try_into().map_err(|_length| torn("event id"))?;
        Ok::<_, StoreError>(EventId::from_bytes(id))
    });
    Ok(TimelineEntry {
        number: row.try_get(0)?,
        event: event.transpose()?,
        observation: row::observation(row, 2)?,
    })
}
