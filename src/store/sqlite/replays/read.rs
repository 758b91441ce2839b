//! Reading replays.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use crate::name::SinkName;
use crate::replay::Again;
use crate::replay::ReplayId;
use crate::store::Order;
use crate::store::Page;
use crate::store::Part;
use crate::store::Replay;
use crate::store::ReplayDebts;
use crate::store::Selection;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::sqlite::codes::again;
use crate::store::sqlite::codes::count;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::codes::replay_state;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::listing::direction;
use crate::store::sqlite::listing::one_more;

/// What [`read`] wants, in its order.
macro_rules! columns {
    () => {
        "id, kind, filter, matched, state, created_at, finished_at"
    };
}

/// The replay with this id. An id that was made up finds none, though its row may exist.
pub(super) async fn one(
    connection: &mut SqliteConnection,
    id: ReplayId,
) -> Result<Option<Replay>, StoreError> {
    let rows = sqlx::query(concat!("select ", columns!(), " from replay where id = ?"))
        .bind(id.row())
        .fetch_all(&mut *connection)
        .await?;
    let found = with_parts(connection, &rows).await?.pop();
    Ok(found.filter(|replay| replay.id == id))
}

/// A stretch of all replays.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    slice: Slice,
) -> Result<Page<Replay>, StoreError> {
    let (beyond, beginning) = match slice.order {
        Order::Descending => ("<", i64::MAX),
        Order::Ascending => (">", 0),
    };
    let sql = format!(
        "select {} from replay where id {beyond} ? order by id {} limit ? + 0",
        columns!(),
        direction(slice.order),
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(slice.after.unwrap_or(beginning))
        .bind(one_more(slice.limit))
        .fetch_all(&mut *connection)
        .await?;
    let mut items = with_parts(connection, &rows).await?;
    let more = items.len() > slice.limit;
    items.truncate(slice.limit);
    let last = items.last().map(|replay| replay.id.row());
    Ok(Page {
        next: last.filter(|_| more),
        items,
    })
}

/// Those of which something is still to be done, oldest first.
pub(super) async fn unfinished(
    connection: &mut SqliteConnection,
) -> Result<Vec<Replay>, StoreError> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from replay indexed by replay_unfinished where finished_at is null order by id"
    ))
    .fetch_all(&mut *connection)
    .await?;
    with_parts(connection, &rows).await
}

/// What each sink is owed by replays and has not taken.
pub(super) async fn debts(
    readers: &SqlitePool,
    now: Timestamp,
) -> Result<Vec<ReplayDebts>, StoreError> {
    let rows = sqlx::query(
        "select n.name, count(*), sum(d.state = 1 or d.due_at <= ?)
           from replay_debt o
          cross join delivery d on d.id = o.delivery
          cross join sink n on n.id = o.sink
          where d.settled_at is null
          group by o.sink",
    )
    .bind(micros(now))
    .fetch_all(readers)
    .await?;
    let read = |row: &SqliteRow| {
        Ok(ReplayDebts {
            sink: sink(row, 0)?,
            open: count(row.try_get(1)?)?,
            due: count(row.try_get(2)?)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Replays from rows of [`columns!`], with how far each has come at its sinks.
async fn with_parts(
    connection: &mut SqliteConnection,
    rows: &[SqliteRow],
) -> Result<Vec<Replay>, StoreError> {
    let mut replays = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<_> = replays.iter().map(|replay| replay.id.row()).collect();
    let mut parts = parts(connection, &numbers).await?;
    for replay in &mut replays {
        replay.parts = parts.remove(&replay.id.row()).unwrap_or_default();
    }
    Ok(replays)
}

/// How far replays have come at their sinks. What was settled since they looked last counts as well.
async fn parts(
    connection: &mut SqliteConnection,
    replays: &[i64],
) -> Result<HashMap<i64, Vec<Part>>, StoreError> {
    let rows = sqlx::query(
        "select p.replay, n.name, p.behind, p.reached, p.through, p.owed,
                coalesce(sum(d.state < 2), 0),
                p.delivered + coalesce(sum(d.state = 2), 0),
                p.dead + coalesce(sum(d.state = 3), 0),
                p.discarded + coalesce(sum(d.state = 4), 0)
           from json_each(?) j
          cross join replay_sink p on p.replay = j.value
          cross join sink n on n.id = p.sink
           left join replay_debt o indexed by replay_debt_by_sink
             on o.sink = p.sink and o.replay = p.replay
           left join delivery d on d.id = o.delivery
          group by p.replay, p.sink
          order by p.replay, n.name",
    )
    .bind(json!(replays).to_string())
    .fetch_all(connection)
    .await?;
    let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
    for row in &rows {
        parts.entry(row.try_get(0)?).or_default().push(Part {
            sink: sink(row, 1)?,
            behind: row.try_get(2)?,
            reached: row.try_get(3)?,
            through: row.try_get(4)?,
            owed: count(row.try_get(5)?)?,
            pending: count(row.try_get(6)?)?,
            delivered: count(row.try_get(7)?)?,
            dead: count(row.try_get(8)?)?,
            discarded: count(row.try_get(9)?)?,
        });
    }
    Ok(parts)
}

fn read(row: &SqliteRow) -> Result<Replay, StoreError> {
    let created_at = time(row.try_get(5)?)?;
    let filter: &[u8] = row.try_get(2)?;
    let selection = match again(row.try_get(1)?)? {
        Again::Replay => serde_json::from_slice(filter).map(Selection::Events),
        Again::Retry => serde_json::from_slice(filter).map(Selection::Deliveries),
    };
    let finished_at: Option<i64> = row.try_get(6)?;
    Ok(Replay {
        id: ReplayId::new(created_at, row.try_get(0)?),
        selection: selection.map_err(|_unreadable| torn("filter"))?,
        state: replay_state(row.try_get(4)?)?,
        matched: count(row.try_get(3)?)?,
        parts: Vec::new(),
        created_at,
        finished_at: finished_at.map(time).transpose()?,
    })
}

fn sink(row: &SqliteRow, column: usize) -> Result<SinkName, StoreError> {
    let name: String = row.try_get(column)?;
    name.try_into().map_err(|_spelling| torn("sink"))
}
