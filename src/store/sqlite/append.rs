//! The part of a turn that stores events with the deliveries they owe.

use super::codes::from_form;
use super::codes::from_origin;
use super::codes::micros;
use super::enrichments::bound;
use super::script::Script;
use super::told::News;
use crate::event::Seq;
use crate::routing::Lane;
use crate::routing::Owed;
use crate::store::Append;

/// An event with the numbers it gets if it is new.
pub(super) struct Numbered<'a> {
    pub(super) append: &'a Append,
    pub(super) seq: Seq,
    pub(super) endpoint: i64,
    /// Made monotone, in microseconds.
    pub(super) received_at: i64,
    /// What it tells of what is told once.
    pub(super) news: News,
}

const ROW: &str = "(?,?,?,?,?,?,?,?,?,?,?)";
const COLUMNS: usize = 11;

/// Stores events. A known id stores nothing; the statement's count of changes tells.
///
/// The rows are padded to a power of two with empty ones, so that there are nine texts to prepare
/// and not 256: splitting a batch instead costs half the speed.
pub(super) fn events(script: &mut Script, events: &[Numbered<'_>]) {
    let rows = events.len().next_power_of_two();
    let list = vec![ROW; rows].join(",");
    script.say(
        "insert into event
            (seq, id, endpoint, origin, received_at,
             form, secret, header_timestamp, header_signature, signed_at, body)
         select * from (values ",
    );
    script.say(&list);
    script.say(") where column2 is not null on conflict (id) do nothing;");

    for event in events {
        let new = &event.append.event;
        let signature = new.signature.as_ref();
        script.bind(event.seq);
        script.bind(new.id.as_bytes().as_slice());
        script.bind(event.endpoint);
        script.bind(from_origin(new.origin));
        script.bind(event.received_at);
        script.bind(signature.map(|signature| from_form(signature.form)));
        script.bind(signature.map(|signature| signature.secret.as_ref()));
        script.bind(signature.map(|signature| signature.timestamp.as_bytes()));
        script.bind(signature.map(|signature| signature.value.as_bytes()));
        script.bind(signature.map(|signature| micros(signature.signed_at)));
        script.bind(new.body.as_ref());
    }
    for _ in events.len() * COLUMNS..rows * COLUMNS {
        script.bind(None::<i64>);
    }
}

/// Stores what events owe: `sink` gives a sink's number, null where nobody registered it, and then
/// the table refuses the row and the turn fails.
///
/// An event that was known has no row with the number it would have got, so the join drops its
/// debts; and one that says what was told before owes nothing. Only after that is the first of each
/// lane found: a known event that stood first in its lane here must not leave the lane without a
/// head.
pub(super) fn deliveries(
    script: &mut Script,
    events: &[Numbered<'_>],
    sink: impl Fn(&Owed) -> Option<i64>,
) {
    let owed: Vec<_> = events
        .iter()
        .flat_map(|event| event.append.owed.iter().map(move |owed| (event, owed)))
        .map(|(event, owed)| {
            // Due by the clock of now, not by the monotone one, which may be ahead of it.
            let due = micros(event.append.event.received_at);
            let until = owed
                .enrich
                .map(|within| bound(event.append.event.received_at, within));
            (
                event.seq,
                sink(owed),
                owed.lane.map(Lane::number),
                due,
                until,
            )
        })
        .collect();
    script.say(
        "insert into delivery (event, sink, lane, enriched, due_at, created_at)
         select e.seq, o.sink, o.lane, o.until is not null,
                case when o.lane is null
                       or (row_number() over (partition by o.sink, o.lane order by e.seq) = 1
                           and not exists
                               (select 1 from delivery d indexed by delivery_lane
                                 where d.sink = o.sink and d.lane = o.lane
                                   and d.lane is not null and d.settled_at is null))
                     then coalesce(o.until, o.due) end,
                o.due
           from (select value->>0 as seq, value->>1 as sink, value->>2 as lane, value->>3 as due,
                        value->>4 as until
                   from jsonb_each(?)) o
          cross join event e on e.seq = o.seq
          where not exists (select 1 from echo x where x.event = e.seq)
          order by e.seq;",
    );
    script.bind_list(&owed);
}
