//! The part of a turn that leases what is due.

use jiff::Timestamp;

use super::codes::count;
use super::codes::micros;
use super::codes::time;
use super::script::Done;
use super::script::Script;
use crate::delivery::DeliveryId;
use crate::event::Seq;
use crate::name::SinkName;
use crate::store::Room;
use crate::store::StoreError;
use crate::store::turn::Claim;
use crate::store::turn::Claimed;

/// What is told of a claimed delivery, in the order of [`Row`]. Takes the present time for one `?`.
///
/// Since when its patience runs is later than its first attempt by as long as the sink stood still
/// since then.
macro_rules! columns {
    ($d:literal, $fence:literal) => {
        concat!(
            $d,
            ".id, ",
            $fence,
            ", ",
            $d,
            ".event, ",
            $d,
            ".attempts,
             case when ",
            $d,
            ".first_attempt_at is not null
                  then ",
            $d,
            ".first_attempt_at
                     + (select k.stood_still + coalesce(max(? - k.still_since, 0), 0)
                          from sink k where k.id = ",
            $d,
            ".sink)
                     - coalesce((select p.stood_still from patience p
                                  where p.delivery = ",
            $d,
            ".id), 0) end, ",
            $d,
            ".replay, ",
            $d,
            ".created_at, ",
            $d,
            ".enriched"
        )
    };
}

pub(super) use columns;

/// Leases what is due for one sink. Only heads of lanes have a time to be due at, so this reads as
/// many rows as it takes, whatever waits behind them or is put off in front of them.
///
/// An expired lease is a time that has passed: it is claimed like anything else, and the new fence
/// shuts out whoever held it.
///
/// Told in one row before it is done, and not with `returning`: a row for each costs more on its
/// way here than the update does.
pub(super) fn claim(script: &mut Script, claim: &Claim, room: &Room, sink: Option<i64>) -> usize {
    let due = |script: &mut Script| {
        script.bind(sink);
        script.bind(micros(claim.now));
        script.bind(i64::try_from(room.limit).unwrap_or(i64::MAX));
    };
    let place = script.next_place();
    script.bind(micros(claim.now));
    script.say(concat!(
        "select json_group_array(json_array(",
        columns!("due", "due.lease + 1"),
        "))
           from (select * from delivery indexed by delivery_due
                  where sink = ? and due_at <= ?
                  order by due_at, id
                  limit ? + 0) due;",
    ));
    due(script);
    script.say(
        "update delivery set state = 1, lease = lease + 1, due_at = ?
          where id in (select id from delivery indexed by delivery_due
                        where sink = ? and due_at <= ?
                        order by due_at, id
                        limit ? + 0);",
    );
    script.bind(lease(claim));
    due(script);
    place
}

/// When a lease ends.
pub(super) fn lease(claim: &Claim) -> i64 {
    let until = claim.now.saturating_add(claim.lease);
    micros(until.unwrap_or(Timestamp::MAX))
}

/// The leases that a statement of [`claim`] lists, oldest debt first.
pub(super) fn claimed(done: &Done, sink: &SinkName) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = done
        .list()?
        .into_iter()
        .map(|row| read(row, sink))
        .collect::<Result<Vec<_>, _>>()?;
    claimed.sort_unstable_by_key(|claimed| claimed.delivery.row());
    Ok(claimed)
}

/// A delivery as the list has it.
pub(super) type Row = (i64, i64, Seq, i64, Option<i64>, i64, i64, i64);

pub(super) fn read(row: Row, sink: &SinkName) -> Result<Claimed, StoreError> {
    let (id, fence, event, attempts, patience_since, replay, created_at, enriched) = row;
    Ok(Claimed {
        delivery: DeliveryId::new(time(created_at)?, id),
        fence,
        sink: sink.clone(),
        event,
        attempts: count(attempts)?,
        patience_since: patience_since.map(time).transpose()?,
        replay: replay != 0,
        enriched: enriched != 0,
        held_by: None,
        goes_alone: false,
    })
}
