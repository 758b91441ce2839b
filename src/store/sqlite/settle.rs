//! The part of a turn that records how tries ended, and what becomes of their deliveries.

use jiff::SignedDuration;
use jiff::Timestamp;

use super::codes::DEAD;
use super::codes::DELIVERED;
use super::codes::DISCARDED;
use super::codes::OPEN;
use super::codes::from_outcome;
use super::codes::micros;
use super::enrichments::due;
use super::script::Padding;
use super::script::ROWS;
use super::script::Script;
use super::script::Values;
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
    let settles: Vec<_> = settles
        .iter()
        .flat_map(|(settles, now)| settles.iter().map(|settle| (settle, *now)))
        .enumerate()
        .collect();
    for settles in settles.chunks(ROWS) {
        find(script, settles);
    }
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

/// Finds those that still hold their lease.
fn find(script: &mut Script, settles: &[(usize, (&Settle, Timestamp))]) {
    // Whoever no longer holds the lease gets no row here, and of two words on one lease the first
    // does: nothing that follows has to ask for the fence again. Who stands behind the head of its
    // lane is held by the lease of that one, which is not settled yet at this point.
    script.say(
        "insert into settling
         select d.id, s.column1, d.sink, d.lane, d.attempts + 1,
                s.column4, s.column5, s.column6, s.column7,
                s.column8, s.column9, s.column10, s.column11, s.column12, s.column13,
                s.column14 is not null
           from ",
    );
    script.rows(
        15,
        Padding::Fourfold,
        settles,
        |values, (place, (settle, now))| {
            row(values, *place, settle, *now);
        },
    );
    script.say(
        " s cross join delivery d on d.id = s.column2 and d.lease = s.column3
          where (d.state = 1 and s.column14 is null)
             or (d.state = 0 and d.due_at is null
                 and exists (select 1 from delivery h
                              where h.id = s.column14 and h.lease = s.column15 and h.state = 1))
             on conflict do nothing;",
    );
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

fn row(values: &mut Values, place: usize, settle: &Settle, now: Timestamp) {
    let (state, due, reason) = match &settle.settlement {
        Settlement::Delivered => (DELIVERED, None, None),
        Settlement::Retry(at) => (OPEN, Some(*at), None),
        Settlement::Dead(reason) => (DEAD, None, Some(reason)),
        Settlement::Discarded(reason) => (DISCARDED, None, Some(reason)),
        Settlement::GivenBack => (OPEN, Some(now), None),
    };
    // Octets: an answer may hold a NUL.
    let octets = |text: Option<&String>| text.map(|text| text.as_bytes().to_vec());
    let attempt = settle.attempt.as_ref();
    values.bind(i64::try_from(place).unwrap_or(i64::MAX));
    values.bind(settle.delivery.row());
    values.bind(settle.fence);
    values.bind(micros(now));
    values.bind(state);
    values.bind(due.map(micros));
    values.bind(octets(reason));
    values.bind(attempt.map(|attempt| micros(attempt.started_at)));
    values.bind(attempt.map(|attempt| milliseconds(attempt.duration)));
    values.bind(attempt.map(|attempt| from_outcome(attempt.outcome)));
    values.bind(attempt.and_then(|attempt| attempt.status));
    values.bind(octets(attempt.and_then(|attempt| attempt.error.as_ref())));
    values.bind(octets(attempt.and_then(|attempt| attempt.answer.as_ref())));
    values.bind(settle.held_by.map(|held_by| held_by.delivery.row()));
    values.bind(settle.held_by.map(|held_by| held_by.fence));
}

fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis().max(0)).unwrap_or(i64::MAX)
}
