//! The part of a turn that records how tries ended, and what becomes of their deliveries.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::codes::DEAD;
use super::codes::DELIVERED;
use super::codes::DISCARDED;
use super::codes::OPEN;
use super::codes::from_outcome;
use super::codes::micros;
use super::enrichments::due;
use super::script::Script;
use crate::delivery::Settle;
use crate::delivery::Settlement;

/// The settles of a turn that still hold their lease, while its statements read them: looked up
/// once, read by several.
pub(super) const TEMPORARY_TABLE: &str = "
    create temp table settling
    (
        delivery integer primary key,
        place integer not null,             -- which of the turn's settles
        sink integer not null, lane integer, number integer not null,
        now integer not null, state integer not null, due_at integer, reason blob,
        started_at integer, took_ms integer, outcome integer, status integer, error blob,
        answer blob,
        is_behind integer not null          -- another one's lease holds it
    )";

/// Which statements of the script to ask what was done.
pub(super) struct Places {
    /// Lists which of the turn's settles held their lease.
    pub(super) held: usize,
    /// Counts the deliveries that they made due in their stead.
    pub(super) promoted: usize,
}

/// Settles what is still leased to who settles it, and promotes the next of each lane.
pub(super) fn settles(script: &mut Script, settles: &[(Vec<Settle>, Timestamp)]) -> Places {
    let together = |(settles, now): &'_ (Vec<Settle>, Timestamp)| {
        let rows = settles.iter().map(|settle| row(settle, *now));
        rows.collect::<Vec<_>>()
    };
    let rows: Vec<_> = settles.iter().flat_map(together).collect();
    // Whoever no longer holds the lease gets no row here, and of two words on one lease the first
    // does: nothing below has to ask for the fence again. Who stands behind the head of its lane is
    // held by the lease of that one, which is not settled yet at this point.
    script.say(
        "insert into settling
         select d.id, key, d.sink, d.lane, d.attempts + 1,
                value->>2, value->>3, value->>4, unhex(value->>5),
                value->>6, value->>7, value->>8, value->>9, unhex(value->>10), unhex(value->>11),
                value->>12 is not null
           from jsonb_each(?)
          cross join delivery d on d.id = value->>0 and d.lease = value->>1
          where (d.state = 1 and value->>12 is null)
             or (d.state = 0 and d.due_at is null
                 and exists (select 1 from delivery h
                              where h.id = value->>12 and h.lease = value->>13 and h.state = 1))
             on conflict do nothing;",
    );
    script.bind_list(&rows);
    record_attempts(script);
    remember_patience(script);
    // The plus keeps the planner from walking over all deliveries with a look into this table for
    // each.
    script.say(
        "update delivery
            set state = s.state, due_at = iif(s.is_behind, null, s.due_at), reason = s.reason,
                settled_at = case when s.state >= 2 then s.now end,
                attempts = attempts + (s.outcome is not null),
                first_attempt_at = coalesce(first_attempt_at, s.started_at)
           from settling s
          where delivery.id = +s.delivery;",
    );
    // Who was behind and comes to the head waits for its own next try, if it has one.
    let promoted = script.next_place();
    script.say(concat!(
        "update delivery set due_at = max(",
        due!("(select max(now) from settling)"),
        ", coalesce((select b.due_at from settling b where b.delivery = delivery.id), 0))
          where due_at is null and settled_at is null
            and id in (select (select min(n.id) from delivery n indexed by delivery_lane
                                where n.sink = s.sink and n.lane = s.lane
                                  and n.lane is not null and n.settled_at is null)
                         from settling s
                        where s.lane is not null and s.state >= 2);",
    ));
    let held = script.next_place();
    script.say("select json_group_array(place) from settling; delete from settling;");
    Places { held, promoted }
}

/// The attempts, the hour's sums, and each sink's latest error.
fn record_attempts(script: &mut Script) {
    script.say(
        "insert into attempt
            (delivery, number, started_at, took_ms, outcome, status, error, answer)
         select delivery, number, started_at, took_ms, outcome, status, error, answer
           from settling
          where outcome is not null;

         insert into sink_hour (sink, hour, delivered, failed)
         select sink, now / 3600000000, sum(outcome = 0), sum(outcome <> 0)
           from settling
          where outcome is not null
          group by 1, 2
             on conflict (sink, hour) do update
            set delivered = delivered + excluded.delivered, failed = failed + excluded.failed;

         update sink set last_error = f.error, last_error_at = f.now
           from (select sink, error, max(now) as now
                   from settling
                  where error is not null
                  group by sink) f
          where sink.id = f.sink;",
    );
}

/// For how long the sinks had stood still of those that failed for the first time: the give-up clock
/// leaves out what comes on top.
fn remember_patience(script: &mut Script) {
    script.say(
        "insert into patience (delivery, stood_still)
         select s.delivery, k.stood_still + coalesce(max(s.now - k.still_since, 0), 0)
           from settling s
          cross join delivery d on d.id = s.delivery
          cross join sink k on k.id = s.sink
          where s.state = 0 and s.outcome is not null and d.first_attempt_at is null
            and (k.stood_still > 0 or k.still_since is not null)
             on conflict (delivery) do update set stood_still = excluded.stood_still;",
    );
}

fn row(settle: &Settle, now: Timestamp) -> Value {
    let (state, due, reason) = match &settle.settlement {
        Settlement::Delivered => (DELIVERED, None, None),
        Settlement::Retry(at) => (OPEN, Some(*at), None),
        Settlement::Dead(reason) => (DEAD, None, Some(reason)),
        Settlement::Discarded(reason) => (DISCARDED, None, Some(reason)),
        Settlement::GivenBack => (OPEN, Some(now), None),
    };
    // As hexadecimal: JSON in SQLite ends a string at NUL, and an answer may hold one.
    let hex = |text: Option<&String>| text.map(hex::encode);
    let attempt = settle.attempt.as_ref();
    json!([
        settle.delivery.row(),
        settle.fence,
        micros(now),
        state,
        due.map(micros),
        hex(reason),
        attempt.map(|attempt| micros(attempt.started_at)),
        attempt.map(|attempt| attempt.duration.as_millis().clamp(0, i64::MAX.into())),
        attempt.map(|attempt| from_outcome(attempt.outcome)),
        attempt.and_then(|attempt| attempt.status),
        hex(attempt.and_then(|attempt| attempt.error.as_ref())),
        hex(attempt.and_then(|attempt| attempt.answer.as_ref())),
        settle.held_by.map(|held_by| held_by.delivery.row()),
        settle.held_by.map(|held_by| held_by.fence),
    ])
}
