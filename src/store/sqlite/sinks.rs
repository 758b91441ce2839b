//! Sinks by name, and how they fare.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::SqlitePool;

use super::codes::count;
use super::codes::time;
use crate::name::SinkName;
use crate::store::SinkStats;
use crate::store::StoreError;

/// Of how many of all sinks' newest attempts a sink's own are taken, to say how long they took.
const LATEST: i64 = 2_000;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Every sink that was ever registered.
pub(super) async fn known(readers: &SqlitePool) -> Result<Vec<SinkName>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar("select name from sink order by name")
        .fetch_all(readers)
        .await?;
    // One that is spelled in a way we no longer take cannot be asked for either.
    Ok(names
        .into_iter()
        .filter_map(|name| name.parse().ok())
        .collect())
}

/// How a sink fares. Every part of it reads a bounded number of rows.
pub(super) async fn stats(
    readers: &SqlitePool,
    sink: &SinkName,
    now: Timestamp,
) -> Result<SinkStats, StoreError> {
    let sink: Option<(i64, Option<Vec<u8>>)> =
        sqlx::query_as("select id, last_error from sink where name = ?")
            .bind(sink.as_str())
            .fetch_optional(readers)
            .await?;
    let Some((sink, last_error)) = sink else {
        return Ok(SinkStats::default());
    };
    let limit = i64::try_from(SinkStats::COUNT_LIMIT).unwrap_or(i64::MAX);
    // Those that wait are the open ones that are never due. Both are counted twice as far as they
    // are told, so that the difference is right as long as there are few of one kind.
    let row = sqlx::query(
        "select
            (select count(*) from (select 1 from delivery indexed by delivery_due
                                    where sink = ? and due_at is not null limit ? + 0)),
            (select count(*) from (select 1 from delivery indexed by delivery_open
                                    where sink = ? and settled_at is null limit ? + 0)),
            (select count(*) from (select 1 from delivery indexed by delivery_dead
                                    where sink = ? and state = 3 limit ? + 0)),
            (select min(due_at) from delivery indexed by delivery_due
              where sink = ? and due_at is not null),
            (select coalesce(sum(delivered), 0) from sink_hour where sink = ? and hour > ?),
            (select coalesce(sum(failed), 0) from sink_hour where sink = ? and hour > ?)",
    )
    .bind(sink)
    .bind(2 * limit)
    .bind(sink)
    .bind(2 * limit)
    .bind(sink)
    .bind(limit)
    .bind(sink)
    .bind(sink)
    .bind(a_day_before(now))
    .bind(sink)
    .bind(a_day_before(now))
    .fetch_one(readers)
    .await?;

    let due: i64 = row.try_get(0)?;
    let open: i64 = row.try_get(1)?;
    let oldest: Option<i64> = row.try_get(3)?;
    Ok(SinkStats {
        pending: count(due.min(limit))?,
        waiting: count((open - due).clamp(0, limit))?,
        dead: count(row.try_get(2)?)?,
        oldest_due_at: oldest.map(time).transpose()?,
        delivered_24h: count(row.try_get(4)?)?,
        failed_24h: count(row.try_get(5)?)?,
        p95_ms: p95(readers, sink).await?,
        last_error: last_error.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    })
}

fn a_day_before(now: Timestamp) -> i64 {
    now.as_microsecond().div_euclid(MICROS_PER_HOUR) - 24
}

async fn p95(readers: &SqlitePool, sink: i64) -> Result<Option<u64>, StoreError> {
    let mut took: Vec<i64> = sqlx::query_scalar(
        "select took_ms
           from (select a.took_ms, d.sink
                   from attempt a cross join delivery d on d.id = a.delivery
                  order by a.delivery desc, a.number desc
                  limit ? + 0)
          where sink = ?",
    )
    .bind(LATEST)
    .bind(sink)
    .fetch_all(readers)
    .await?;
    took.sort_unstable();
    let place = (took.len() * 95).div_ceil(100);
    let p95 = place.checked_sub(1).and_then(|place| took.get(place));
    p95.copied().map(count).transpose()
}
