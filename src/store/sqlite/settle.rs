//! The part of a turn that records how tries ended, and what becomes of their deliveries.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::codes::DEAD;
use super::codes::DELIVERED;
use super::codes::OPEN;
use super::codes::from_outcome;
use super::codes::micros;
use super::script::Script;
use crate::delivery::Settle;
use crate::delivery::Settlement;

/// Where a turn's settles stand while its statements read them: written once, read by several.
pub(super) const TEMPORARY_TABLE: &str = "
    create temp table settling
    (
        delivery integer not null, lease integer not null, now integer not null,
        state integer not null, due_at integer, reason blob,
        started_at integer, took_ms integer, outcome integer, status integer, error blob,
        answer blob
    )";

/// Which statements of the script to ask what was done.
pub(super) struct Places {
    /// Returns the deliveries that were settled.
    pub(super) settled: usize,
    /// Counts those that it made due in their stead.
    pub(super) promoted: usize,
}

/// Settles what is still leased to who settles it, and promotes the next of each lane.
pub(super) fn settles(script: &mut Script, settles: &[(Settle, Timestamp)]) -> Places {
    let rows: Vec<_> = settles
        .iter()
        .map(|(settle, now)| row(settle, *now))
        .collect();
    script.say(
        "insert into settling
         select value->>0, value->>1, value->>2, value->>3, value->>4, unhex(value->>5),
                value->>6, value->>7, value->>8, value->>9, unhex(value->>10), unhex(value->>11)
           from json_each(?);",
    );
    script.bind_list(&rows);
    if settles.iter().any(|(settle, _)| settle.attempt.is_some()) {
        record_attempts(script);
    }
    let settled = script.next_place();
    // Whoever no longer holds the lease changes nothing: every statement asks for the fence.
    script.say(
        "update delivery
            set state = s.state, due_at = s.due_at, reason = s.reason,
                settled_at = case when s.state >= 2 then s.now end,
                attempts = attempts + (s.outcome is not null),
                first_attempt_at = coalesce(first_attempt_at, s.started_at)
           from settling s
          where delivery.id = s.delivery and delivery.lease = s.lease and delivery.state = 1
         returning id, lease;",
    );
    let promoted = script.next_place();
    script.say(
        "update delivery set due_at = (select max(now) from settling)
          where due_at is null and settled_at is null
            and id in (select (select min(n.id) from delivery n indexed by delivery_lane
                                where n.sink = d.sink and n.lane = d.lane
                                  and n.lane is not null and n.settled_at is null)
                         from settling s
                        cross join delivery d on d.id = s.delivery
                        where d.lane is not null and d.settled_at is not null);
         delete from settling;",
    );
    Places { settled, promoted }
}

/// Before the fence is let go: the attempts, the hour's sums, and each sink's latest error.
fn record_attempts(script: &mut Script) {
    script.say(
        "insert into attempt
            (delivery, number, started_at, took_ms, outcome, status, error, answer)
         select d.id, d.attempts + 1, s.started_at, s.took_ms, s.outcome, s.status, s.error, s.answer
           from settling s
          cross join delivery d on d.id = s.delivery and d.lease = s.lease and d.state = 1
          where s.outcome is not null;

         insert into sink_hour (sink, hour, delivered, failed)
         select d.sink, s.now / 3600000000, sum(s.outcome = 0), sum(s.outcome <> 0)
           from settling s
          cross join delivery d on d.id = s.delivery and d.lease = s.lease and d.state = 1
          where s.outcome is not null
          group by 1, 2
             on conflict (sink, hour) do update
            set delivered = delivered + excluded.delivered, failed = failed + excluded.failed;

         update sink set last_error = f.error, last_error_at = f.now
           from (select d.sink, s.error, max(s.now) as now
                   from settling s
                  cross join delivery d on d.id = s.delivery and d.lease = s.lease and d.state = 1
                  where s.error is not null
                  group by d.sink) f
          where sink.id = f.sink;",
    );
}

fn row(settle: &Settle, now: Timestamp) -> Value {
    let (state, due, reason) = match &settle.settlement {
        Settlement::Delivered => (DELIVERED, None, None),
        Settlement::Retry(at) => (OPEN, Some(*at), None),
        Settlement::Dead(reason) => (DEAD, None, Some(reason)),
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
    ])
}
