//! What was settled of replays, and how they end.

use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::SqliteConnection;

use super::read;
use crate::replay::Again;
use crate::replay::ReplayId;
use crate::replay::ReplayState;
use crate::store::Replay;
use crate::store::StoreError;
use crate::store::sqlite::codes::DEAD;
use crate::store::sqlite::codes::DISCARDED;
use crate::store::sqlite::codes::from_replay_state;
use crate::store::sqlite::codes::micros;

/// Counts what replays had owed to a sink and was settled, and keeps it in sight no longer.
pub(super) async fn count_settled(
    connection: &mut SqliteConnection,
    sink: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "update replay_sink
            set delivered = delivered + s.taken, dead = dead + s.refused,
                discarded = discarded + s.dropped
           from (select o.replay, sum(d.state = 2) as taken, sum(d.state = 3) as refused,
                        sum(d.state = 4) as dropped
                   from replay_debt o indexed by replay_debt_by_sink
                  cross join delivery d on d.id = o.delivery
                  where o.sink = ? and d.settled_at is not null
                  group by o.replay) s
          where replay_sink.replay = s.replay and replay_sink.sink = ?",
    )
    .bind(sink)
    .bind(sink)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "delete from replay_debt
          where delivery in (select o.delivery
                               from replay_debt o indexed by replay_debt_by_sink
                              cross join delivery d on d.id = o.delivery
                              where o.sink = ? and d.settled_at is not null)",
    )
    .bind(sink)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the end of a replay, if this is it.
pub(super) async fn finish(
    connection: &mut SqliteConnection,
    replay: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update replay
            set finished_at = ?, state = case state when 0 then 1 else state end
          where id = ? and finished_at is null
            and (state <> 0 or not exists (select 1 from replay_sink p
                                            where p.replay = replay.id and p.reached < p.through))
            and not exists (select 1 from replay_sink p
                             cross join replay_debt o indexed by replay_debt_by_sink
                                on o.sink = p.sink and o.replay = p.replay
                             where p.replay = replay.id)",
    )
    .bind(micros(now))
    .bind(replay)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a replay, and what nobody is trying of it.
pub(super) async fn cancel(
    connection: &mut SqliteConnection,
    id: ReplayId,
    now: Timestamp,
) -> Result<Option<Replay>, StoreError> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    let Some(replay) = read::one(&mut transaction, id).await? else {
        return Ok(None);
    };
    if replay.state == ReplayState::Done {
        return Ok(Some(replay));
    }
    sqlx::query("update replay set state = ? where id = ?")
        .bind(from_replay_state(ReplayState::Cancelled))
        .bind(id.row())
        .execute(&mut *transaction)
        .await?;
    give_up(&mut transaction, &replay, now).await?;
    let sinks: Vec<i64> = sqlx::query_scalar("select sink from replay_sink where replay = ?")
        .bind(id.row())
        .fetch_all(&mut *transaction)
        .await?;
    for sink in sinks {
        count_settled(&mut transaction, sink).await?;
    }
    finish(&mut transaction, id.row(), now).await?;
    let cancelled = read::one(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(cancelled)
}

/// Settles what a replay owes and nobody is trying. None of it has a lane, so nobody waits for it.
async fn give_up(
    connection: &mut SqliteConnection,
    replay: &Replay,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, reason) = match replay.selection.again() {
        Again::Replay => (DISCARDED, "replay cancelled"),
        // It was a dead letter before, and nobody has decided that it should be none.
        Again::Retry => (DEAD, "retry cancelled"),
    };
    sqlx::query(
        "update delivery
            set state = ?, due_at = null, settled_at = ?, reason = ?, lease = lease + 1
          where state = 0
            and id in (select o.delivery
                         from replay_sink p
                        cross join replay_debt o indexed by replay_debt_by_sink
                           on o.sink = p.sink and o.replay = p.replay
                        where p.replay = ?)",
    )
    .bind(state)
    .bind(micros(now))
    .bind(reason.as_bytes())
    .bind(replay.id.row())
    .execute(connection)
    .await?;
    Ok(())
}
