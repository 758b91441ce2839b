//! The part of a turn that stores events with the deliveries they owe.

use super::codes::from_form;
use super::codes::from_origin;
use super::codes::micros;
use super::enrichments::bound;
use super::script::Padding;
use super::script::ROWS;
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

/// Stores events. A known id stores nothing; the statement's count of changes tells.
pub(super) fn events(script: &mut Script, events: &[Numbered<'_>]) {
    script.say(
        "insert into event
            (seq, id, endpoint, origin, received_at,
             form, secret, header_timestamp, header_signature, signed_at, body)
         select * from ",
    );
    script.rows(11, Padding::Twofold, events, |values, event| {
        let new = &event.append.event;
        let signature = new.signature.as_ref();
        values.bind(event.seq);
        values.bind(new.id.as_bytes().as_slice());
        values.bind(event.endpoint);
        values.bind(from_origin(new.origin));
        values.bind(event.received_at);
        values.bind(signature.map(|signature| from_form(signature.form)));
        values.bind(signature.map(|signature| signature.secret.as_ref()));
        values.bind(signature.map(|signature| signature.timestamp.as_bytes()));
        values.bind(signature.map(|signature| signature.value.as_bytes()));
        values.bind(signature.map(|signature| micros(signature.signed_at)));
        values.bind(new.body.as_ref());
    });
    script.say(" where column2 is not null on conflict (id) do nothing;");
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
        .collect();
    for owed in owed.chunks(ROWS) {
        script.say(
            "insert into delivery (event, sink, lane, enriched, due_at, created_at)
             select e.seq, o.column2, o.column3, o.column5 is not null,
                    case when o.column3 is null
                           or (row_number() over
                                   (partition by o.column2, o.column3 order by e.seq) = 1
                               and not exists
                                   (select 1 from delivery d indexed by delivery_lane
                                     where d.sink = o.column2 and d.lane = o.column3
                                       and d.lane is not null and d.settled_at is null))
                         then coalesce(o.column5, o.column4) end,
                    o.column4
               from ",
        );
        script.rows(5, Padding::Twofold, owed, |values, (event, owed)| {
            let received_at = event.append.event.received_at;
            values.bind(event.seq);
            values.bind(sink(owed));
            values.bind(owed.lane.map(Lane::number));
            // Due by the clock of now, not by the monotone one, which may be ahead of it.
            values.bind(micros(received_at));
            values.bind(owed.enrich.map(|within| bound(received_at, within)));
        });
        script.say(
            " o cross join event e on e.seq = o.column1
              where not exists (select 1 from echo x where x.event = e.seq)
              order by e.seq;",
        );
    }
}
