//! Finding a task by any of its ids.

use sqlx::SqlitePool;

use super::row;
use super::row::columns;
use super::tokens;
use crate::routing::Lane;
use crate::store::StoreError;
use crate::store::TaskRecord;

/// How many of those whose hash fits are looked at. Two texts with the same hash are not expected
/// before there are billions.
const CANDIDATES: i64 = 8;

/// The task with this id, else the newest that has a run or a session with it.
pub(super) async fn by_name(
    readers: &SqlitePool,
    name: &str,
) -> Result<Option<TaskRecord>, StoreError> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from task t indexed by task_by_lane where t.lane = ? order by t.id desc limit ? + 0"
    ))
    .bind(Lane::of(name).number())
    .bind(CANDIDATES)
    .fetch_all(readers)
    .await?;
    for row in &rows {
        let task = row::read(row)?;
        if &*task.key.id == name {
            return Ok(Some(task));
        }
    }

    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from (select rowid as id from task_token where task_token match ?
                 order by rowid desc limit ? + 0) c
          cross join task t on t.id = c.id
          order by c.id desc"
    ))
    .bind(tokens::named(name).map(|question| question.text()))
    .bind(CANDIDATES)
    .fetch_all(readers)
    .await?;
    for row in &rows {
        let task = row::read(row)?;
        if task.names().any(|one| one == name) {
            return Ok(Some(task));
        }
    }
    Ok(None)
}
