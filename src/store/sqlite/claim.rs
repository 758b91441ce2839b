//! The part of a turn that leases what is due.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::codes::count;
use super::codes::micros;
use super::codes::time;
use super::script::Script;
use crate::delivery::DeliveryId;
use crate::name::SinkName;
use crate::store::Room;
use crate::store::StoreError;
use crate::store::turn::Claim;
use crate::store::turn::Claimed;

/// Leases what is due for one sink. Only heads of lanes have a time to be due at, so this reads as
/// many rows as it takes, whatever waits behind them or is put off in front of them.
///
/// An expired lease is a time that has passed: it is claimed like anything else, and the new fence
/// shuts out whoever held it.
pub(super) fn claim(script: &mut Script, claim: &Claim, room: &Room, sink: Option<i64>) {
    script.say(
        "update delivery set state = 1, lease = lease + 1, due_at = ?
          where id in (select id from delivery indexed by delivery_due
                        where sink = ? and due_at <= ?
                        order by due_at, id
                        limit ?)
         returning id, lease, event, attempts, first_attempt_at, replay, created_at;",
    );
    script.bind(micros(
        claim
            .now
            .saturating_add(claim.lease)
            .unwrap_or(jiff::Timestamp::MAX),
    ));
    script.bind(sink);
    script.bind(micros(claim.now));
    script.bind(i64::try_from(room.limit).unwrap_or(i64::MAX));
}

/// The leases that a statement of [`claim`] returned, oldest debt first.
pub(super) fn claimed(rows: &[SqliteRow], sink: &SinkName) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = rows
        .iter()
        .map(|row| read(row, sink))
        .collect::<Result<Vec<_>, _>>()?;
    // `returning` promises no order.
    claimed.sort_unstable_by_key(|claimed| claimed.delivery.row());
    Ok(claimed)
}

fn read(row: &SqliteRow, sink: &SinkName) -> Result<Claimed, StoreError> {
    let first_attempt_at: Option<i64> = row.try_get(4)?;
    Ok(Claimed {
        delivery: DeliveryId::new(time(row.try_get(6)?)?, row.try_get(0)?),
        fence: row.try_get(1)?,
        sink: sink.clone(),
        event: row.try_get(2)?,
        attempts: count(row.try_get(3)?)?,
        first_attempt_at: first_attempt_at.map(time).transpose()?,
        replay: row.try_get::<i64, _>(5)? != 0,
    })
}
