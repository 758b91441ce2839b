//! A step of a replay: what it owes next, and how far it has come, in one transaction.

use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::Row as _;
use sqlx::SqliteConnection;

use super::end;
use crate::delivery::DeliveryId;
use crate::replay::Again;
use crate::store::Portion;
use crate::store::StoreError;
use crate::store::sqlite::by_hand;
use crate::store::sqlite::codes::again;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::writer::Writer;

/// Owes a portion, unless the replay stands elsewhere than whoever made the portion had read.
pub(super) async fn advance(
    writer: &mut Writer,
    portion: &Portion,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let Some(sink) = writer.sink(&portion.sink) else {
        return Ok(0);
    };
    let replay = portion.replay.row();
    let mut transaction = writer.connection.begin_with("begin immediate").await?;
    let Some((again, created_at)) = moved(&mut transaction, portion, sink).await? else {
        return Ok(0);
    };
    // First, so that what was settled and is now owed again counts for the one and then the other.
    end::count_settled(&mut transaction, sink).await?;
    let mut owed = 0;
    for &number in &portion.owe {
        let delivery = match again {
            Again::Replay => by_hand::owe(&mut transaction, number, sink, now).await?,
            Again::Retry => {
                let settled_by = created_at;
                owe_again(&mut transaction, number, sink, settled_by, now).await?
            }
        };
        if let Some(delivery) = delivery {
            sqlx::query("insert into replay_debt (delivery, replay, sink) values (?, ?, ?)")
                .bind(delivery.row())
                .bind(replay)
                .bind(sink)
                .execute(&mut *transaction)
                .await?;
            owed += 1;
        }
    }
    sqlx::query("update replay_sink set owed = owed + ? where replay = ? and sink = ?")
        .bind(i64::try_from(owed).unwrap_or(i64::MAX))
        .bind(replay)
        .bind(sink)
        .execute(&mut *transaction)
        .await?;
    end::finish(&mut transaction, replay, now).await?;
    transaction.commit().await?;
    Ok(owed)
}

/// Moves a replay from where the portion begins to where it ends, and says what it owes and when it
/// was asked for. None: it is not there, or it was cancelled.
async fn moved(
    connection: &mut SqliteConnection,
    portion: &Portion,
    sink: i64,
) -> Result<Option<(Again, Timestamp)>, StoreError> {
    let row = sqlx::query("select kind, created_at from replay where id = ? and state = 0")
        .bind(portion.replay.row())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let moved = sqlx::query(
        "update replay_sink set reached = ? where replay = ? and sink = ? and reached = ?",
    )
    .bind(portion.to)
    .bind(portion.replay.row())
    .bind(sink)
    .bind(portion.from)
    .execute(connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(None);
    }
    Ok(Some((again(row.try_get(0)?)?, time(row.try_get(1)?)?)))
}

/// Owes a delivery again, unless somebody else did since the replay began.
async fn owe_again(
    connection: &mut SqliteConnection,
    number: i64,
    sink: i64,
    settled_by: Timestamp,
    now: Timestamp,
) -> Result<Option<DeliveryId>, StoreError> {
    let created_at: Option<i64> = sqlx::query_scalar(
        "select created_at from delivery
          where id = ? and sink = ? and state in (3, 4) and settled_at <= ?",
    )
    .bind(number)
    .bind(sink)
    .bind(micros(settled_by))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(created_at) = created_at else {
        return Ok(None);
    };
    let id = DeliveryId::new(time(created_at)?, number);
    by_hand::owe_again(connection, id, now).await?;
    Ok(Some(id))
}
