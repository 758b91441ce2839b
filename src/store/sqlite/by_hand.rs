//! What people do to deliveries by hand. Each is a transaction of its own between two turns.

use jiff::Timestamp;
use serde_json::json;
use sqlx::Connection as _;
use sqlx::SqliteConnection;

use super::delivery_row;
use super::enrichments::due;
use super::writer::Writer;
use crate::delivery::Delivery;
use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::event::EventId;
use crate::event::Seq;
use crate::name::SinkName;
use crate::store::Changed;
use crate::store::StoreError;

/// Owes an event once more to some sinks. Without a lane: a replay neither waits nor blocks.
pub(super) async fn replay(
    writer: &mut Writer,
    id: EventId,
    sinks: &[SinkName],
    now: Timestamp,
) -> Result<Option<Vec<Delivery>>, StoreError> {
    writer.register_sinks(sinks, now).await?;
    let sinks: Vec<_> = sinks.iter().map(|name| writer.sink(name)).collect();

    let mut transaction = writer.connection.begin_with("begin immediate").await?;
    let event: Option<Seq> = sqlx::query_scalar("select seq from event where id = ?")
        .bind(id.as_bytes().as_slice())
        .fetch_optional(&mut *transaction)
        .await?;
    let Some(event) = event else {
        return Ok(None);
    };
    let mut owed = Vec::with_capacity(sinks.len());
    for sink in sinks.into_iter().flatten() {
        if let Some(id) = owe(&mut transaction, event, sink, now).await? {
            owed.extend(delivery_row::find(&mut *transaction, id).await?);
        }
    }
    transaction.commit().await?;
    Ok(Some(owed))
}

/// Owes an event to a sink once more, without a lane: it neither waits nor blocks. None: the event is
/// gone.
pub(super) async fn owe(
    connection: &mut SqliteConnection,
    event: Seq,
    sink: i64,
    now: Timestamp,
) -> Result<Option<DeliveryId>, StoreError> {
    let done = sqlx::query(
        "insert into delivery (event, sink, replay, enriched, due_at, created_at)
         select n.event, n.sink, 1,
                exists (select 1 from delivery d indexed by delivery_by_event
                         where d.event = n.event and d.sink = n.sink and d.enriched),
                n.now, n.now
           from (select seq as event, ? as sink, ? as now from event where seq = ?) n",
    )
    .bind(sink)
    .bind(now.as_microsecond())
    .bind(event)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let id = DeliveryId::new(now, done.last_insert_rowid());
    sqlx::query(concat!(
        "update delivery set due_at =",
        due!("due_at"),
        "where id = ?"
    ))
    .bind(id.row())
    .execute(connection)
    .await?;
    Ok(Some(id))
}

/// Makes a delivery due now: a dead or discarded one is owed again, one that waits for its next
/// try is tried at once.
pub(super) async fn retry(
    writer: &mut Writer,
    id: DeliveryId,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let mut transaction = writer.connection.begin_with("begin immediate").await?;
    let Some(delivery) = delivery_row::find(&mut *transaction, id).await? else {
        return Ok(Changed::Unknown);
    };
    match delivery.state {
        DeliveryState::Dead | DeliveryState::Discarded => {
            owe_again(&mut transaction, id, now).await?;
        }
        DeliveryState::Pending => {
            sqlx::query(concat!(
                "update delivery set due_at =",
                due!("?"),
                "where id = ?"
            ))
            .bind(now.as_microsecond())
            .bind(id.row())
            .execute(&mut *transaction)
            .await?;
        }
        other => return Ok(Changed::NotNow(other)),
    }
    let changed = changed(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(changed)
}

/// Owes again what was settled and not delivered.
///
/// It leaves its lane: those behind it have gone on, and it must not hold up those that come. It is
/// given the whole time again before it is given up. What was discarded is a replay from then on:
/// somebody wants it although it was decided that it is not to be sent, and that is not decided again.
pub(super) async fn owe_again(
    connection: &mut SqliteConnection,
    id: DeliveryId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(concat!(
        "update delivery
            set state = 0, due_at =",
        due!("?"),
        ", lane = null, settled_at = null, reason = null, first_attempt_at = null,
                lease = lease + 1, replay = iif(state = 4, 1, replay)
          where id = ?"
    ))
    .bind(now.as_microsecond())
    .bind(id.row())
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a delivery that is not delivered. The new fence shuts out a worker that has it in hand, and
/// the next in its lane becomes due.
pub(super) async fn discard(
    writer: &mut Writer,
    id: DeliveryId,
    reason: &str,
    now: Timestamp,
) -> Result<Changed, StoreError> {
    let mut transaction = writer.connection.begin_with("begin immediate").await?;
    let Some(delivery) = delivery_row::find(&mut *transaction, id).await? else {
        return Ok(Changed::Unknown);
    };
    if matches!(
        delivery.state,
        DeliveryState::Delivered | DeliveryState::Discarded
    ) {
        return Ok(Changed::NotNow(delivery.state));
    }
    sqlx::query(
        "update delivery
            set state = 4, due_at = null, settled_at = ?, reason = ?, lease = lease + 1
          where id = ?",
    )
    .bind(now.as_microsecond())
    .bind(reason.as_bytes())
    .bind(id.row())
    .execute(&mut *transaction)
    .await?;
    sqlx::query(concat!(
        "update delivery set due_at =",
        due!("?"),
        "where due_at is null
            and id = (select min(n.id)
                        from delivery d
                        join delivery n indexed by delivery_lane
                          on n.sink = d.sink and n.lane = d.lane
                         and n.lane is not null and n.settled_at is null
                       where d.id = ?)",
    ))
    .bind(now.as_microsecond())
    .bind(id.row())
    .execute(&mut *transaction)
    .await?;
    let changed = changed(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(changed)
}

/// Makes those due that are still first in their lane and were found to be due never.
pub(super) async fn promote(
    writer: &mut Writer,
    lost: &[i64],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let promoted = sqlx::query(concat!(
        "update delivery set due_at =",
        due!("?"),
        "where due_at is null and settled_at is null
            and id in (select value from json_each(?))
            and not exists (select 1 from delivery p indexed by delivery_lane
                             where p.sink = delivery.sink and p.lane = delivery.lane
                               and p.lane is not null and p.settled_at is null
                               and p.id < delivery.id)",
    ))
    .bind(now.as_microsecond())
    .bind(json!(lost).to_string())
    .execute(&mut writer.connection)
    .await?;
    Ok(promoted.rows_affected())
}

async fn changed(connection: &mut SqliteConnection, id: DeliveryId) -> Result<Changed, StoreError> {
    let delivery = delivery_row::find(connection, id).await?;
    Ok(delivery.map_or(Changed::Unknown, Changed::Done))
}
