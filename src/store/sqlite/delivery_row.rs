//! A delivery and its attempts as rows.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use sqlx::Row as _;
use sqlx::SqliteExecutor;
use sqlx::sqlite::SqliteRow;

use super::codes::LEASED;
use super::codes::count;
use super::codes::outcome;
use super::codes::state;
use super::codes::text;
use super::codes::time;
use super::codes::torn;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::event::EventId;
use crate::store::StoreError;

/// What [`read`] wants, in its order, of the tables that [`joined!`] names.
macro_rules! columns {
    () => {
        "d.id, e.id, n.name, d.state, d.due_at, d.reason, d.attempts, d.created_at, d.settled_at,
         d.replay, a.status, a.error, a.answer"
    };
}

/// The tables of a delivery `d`, for behind its own place in a `from`.
macro_rules! joined {
    () => {
        " join event e on e.seq = d.event
          join sink n on n.id = d.sink
          left join attempt a on a.delivery = d.id and a.number = d.attempts "
    };
}

pub(super) use columns;
pub(super) use joined;

/// The delivery with this id. An id that was made up finds none, though its row may exist.
pub(super) async fn find(
    connection: impl SqliteExecutor<'_>,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let sql = concat!(
        "select ",
        columns!(),
        " from delivery d",
        joined!(),
        "where d.id = ?"
    );
    let row = sqlx::query(sql)
        .bind(id.row())
        .fetch_optional(connection)
        .await?;
    let delivery = row.as_ref().map(read).transpose()?;
    Ok(delivery.filter(|delivery| delivery.id == id))
}

/// Reads a delivery from a row of [`columns!`].
pub(super) fn read(row: &SqliteRow) -> Result<Delivery, StoreError> {
    let event: [u8; 16] = row
        .try_get::<&[u8], _>(1)?
        .try_into()
        .map_err(|_length| torn("event id"))?;
    let code: i64 = row.try_get(3)?;
    let due_at: Option<i64> = row.try_get(4)?;
    let settled_at: Option<i64> = row.try_get(8)?;
    let created_at = time(row.try_get(7)?)?;
    Ok(Delivery {
        id: DeliveryId::new(created_at, row.try_get(0)?),
        event_id: EventId::from_bytes(event),
        sink: row
            .try_get::<String, _>(2)?
            .try_into()
            .map_err(|_spelling| torn("sink"))?,
        state: state(code, due_at)?,
        reason: text(row, 5)?.map(String::from),
        attempts: count(row.try_get(6)?)?,
        // The time a lease ends is nobody's business but the claim's.
        next_attempt_at: due_at.filter(|_| code != LEASED).map(time).transpose()?,
        created_at,
        settled_at: settled_at.map(time).transpose()?,
        replay: row.try_get::<i64, _>(9)? != 0,
        last_answer: last_answer(row)?,
    })
}

/// How the last attempt ended, in a line.
fn last_answer(row: &SqliteRow) -> Result<Option<String>, StoreError> {
    if let Some(error) = text(row, 11)? {
        return Ok(Some(error.into()));
    }
    if let Some(status) = row.try_get::<Option<i64>, _>(10)? {
        return Ok(Some(format!("the sink answered {status}")));
    }
    let answer = text(row, 12)?;
    Ok(answer.map(|answer| answer.lines().next().unwrap_or_default().to_owned()))
}

/// Reads an attempt from `number, started_at, took_ms, outcome, status, error, answer`.
pub(super) fn attempt(row: &SqliteRow) -> Result<Attempt, StoreError> {
    let status: Option<i64> = row.try_get(4)?;
    Ok(Attempt {
        number: count::<u32>(row.try_get(0)?)
            .map(|number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))?,
        started_at: time(row.try_get(1)?)?,
        duration: SignedDuration::from_millis(row.try_get(2)?),
        outcome: outcome(row.try_get(3)?)?,
        status: status.map(count).transpose()?,
        error: text(row, 5)?.map(String::from),
        answer: text(row, 6)?.map(String::from),
    })
}
