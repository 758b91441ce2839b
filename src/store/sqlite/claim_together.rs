//! Claims for sinks that take several deliveries at once.
//!
//! Only the head of a lane is due, and only it is leased. Those behind it come along as they stand:
//! nobody can claim them as long as the head is unsettled, so its lease holds the whole lane. If it
//! is lost, they are free with it, and nothing about them has to be put right.

use super::claim::Row;
use super::claim::columns;
use super::claim::lease;
use super::claim::read;
use super::codes::micros;
use super::script::Done;
use super::script::Script;
use crate::delivery::Hold;
use crate::name::SinkName;
use crate::store::Room;
use crate::store::StoreError;
use crate::store::Together;
use crate::store::turn::Claim;
use crate::store::turn::Claimed;

/// The heads of lanes that go, while the statements of a claim read them.
pub(super) const TEMPORARY_TABLE: &str = "create temp table going (delivery integer primary key)";

/// Whether a delivery was refused before: with others, or alone and asked for again since.
macro_rules! was_refused {
    ($d:literal) => {
        concat!(
            $d,
            ".attempts > 0 and exists (select 1 from attempt a where a.delivery = ",
            $d,
            ".id and a.outcome = 2)"
        )
    };
}

/// Leases what is due for one sink, and lists what comes with it: those next in their lanes, which
/// share evenly what room there is.
pub(super) fn claim(
    script: &mut Script,
    claim: &Claim,
    room: &Room,
    together: Together,
    sink: Option<i64>,
) -> usize {
    let limit = i64::try_from(room.limit).unwrap_or(i64::MAX);
    let now = micros(claim.now);
    script.say(
        "insert into going
         select id from delivery indexed by delivery_due
          where sink = ? and due_at <= ?
          order by due_at, id
          limit ? + 0;",
    );
    script.bind(sink);
    script.bind(now);
    script.bind(limit);
    wait_for_more(script, now, limit, together);

    let place = script.next_place();
    script.say(concat!(
        "select json_group_array(json_array(json_array(",
        columns!("due", "due.lease + 1"),
        "), ",
        was_refused!("due"),
        ", (select json_group_array(json_array(json_array(",
        columns!("next", "next.lease"),
        "), ",
        was_refused!("next"),
        ", not (next.enriched and exists (select 1 from enrichment e
                                           where e.event = next.event and e.decided_at is null))))
              from (select * from delivery n indexed by delivery_lane
                     where n.sink = due.sink and n.lane = due.lane
                       and n.lane is not null and n.settled_at is null and n.id > due.id
                     order by n.id
                     limit (select (? - 1) / count(*) from going)) next)))
           from going g cross join delivery due on due.id = g.delivery;",
    ));
    script.bind(now);
    script.bind(now);
    script.bind(limit);
    script.say(
        "update delivery set state = 1, lease = lease + 1, due_at = ?
          where id in (select delivery from going);
         delete from going;",
    );
    script.bind(lease(claim));
    place
}

/// Lets nobody go yet, unless one has waited for as long as it may, or wants no company, or there is
/// as much as fits.
fn wait_for_more(script: &mut Script, now: i64, limit: i64, together: Together) {
    script.say(concat!(
        "delete from going
          where not exists (select 1 from going g cross join delivery d on d.id = g.delivery
                             where d.due_at <= ? or ",
        was_refused!("d"),
        ")
            and (select count(*) from going)
              + (select count(*)
                   from (select 1 from going g cross join delivery d on d.id = g.delivery
                          cross join delivery n indexed by delivery_lane
                             on n.sink = d.sink and n.lane = d.lane and n.id > d.id
                          where n.lane is not null and n.settled_at is null
                          limit ? + 0) behind) < ?;"
    ));
    let wait = i64::try_from(together.wait.as_micros()).unwrap_or(i64::MAX);
    script.bind(now.saturating_sub(wait));
    script.bind(limit);
    script.bind(limit);
}

/// The head of a lane, whether it goes alone, and those behind it.
type Head = (Row, i64, Vec<Next>);

/// One behind it, whether it goes alone, and whether it can go at all.
type Next = (Row, i64, i64);

/// The leases that a statement of [`claim`] lists, oldest debt first, each beside those that it
/// holds behind it.
pub(super) fn claimed(done: &Done, sink: &SinkName) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = Vec::new();
    for (head, goes_alone, behind) in done.list::<Head>()? {
        let head = Claimed {
            goes_alone: goes_alone != 0,
            ..read(head, sink)?
        };
        let held_by = Some(Hold {
            delivery: head.delivery,
            fence: head.fence,
        });
        claimed.push(head);
        // Whoever waits for what is looked up is waited for by those behind it.
        for (next, goes_alone, _) in behind.into_iter().take_while(|next| next.2 != 0) {
            claimed.push(Claimed {
                goes_alone: goes_alone != 0,
                held_by,
                ..read(next, sink)?
            });
        }
    }
    claimed.sort_unstable_by_key(|claimed| claimed.delivery.row());
    Ok(claimed)
}
