//! The part of a turn that sees to it that an end is told once.
//!
//! Nearly all ends are told by webhook, of tasks and runs, which end once. The index of filters has a
//! token for each of those, so they cost no row with a random key; all others stand in a table
//! (ADR 24).

mod keys;

mod known;

mod membership;

mod news;

use std::collections::HashMap;

use serde::Serialize;

pub(super) use self::membership::Membership;
pub(super) use self::news::news;
use super::append::Numbered;
use super::codes::torn;
use super::script::Done;
use super::script::Script;
use super::tokens::TaskHash;
use crate::event::EventId;
use crate::event::Seq;
use crate::store::StoreError;
use crate::task::Milestone;

/// A row of the table, as an event wants it written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Telling {
    task: TaskHash,
    turn: u32,
    milestone: Milestone,
    at: i64,
}

/// What an event tells of what is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing, or an end of which its token says enough.
    None,
    /// This, unless the table says that somebody told it before.
    Of(Telling),
    /// What the event with this number told before.
    Echo(Seq),
    /// Nothing new, though it was our own wish to tell it: it is not to be stored.
    Stale,
}

impl News {
    pub(super) fn is_stale(&self) -> bool {
        *self == Self::Stale
    }
}

impl Telling {
    fn is_end(&self) -> bool {
        self.milestone != Milestone::Start
    }

    /// As the statements take it, for the event with this number.
    fn row(&self, seq: Seq) -> impl Serialize + use<> {
        (
            seq,
            hex::encode(self.task),
            self.turn,
            i64::from(self.is_end()),
            self.at,
            i64::from(self.milestone == Milestone::End),
        )
    }
}

/// Notes what events tell, and which of them say what was told before. Gives the place of the list
/// of those.
pub(super) fn note(script: &mut Script, events: &[Numbered<'_>]) -> Option<usize> {
    let mut tellings = Vec::new();
    let mut echoes = Vec::new();
    for event in events {
        match &event.news {
            News::Of(telling) => tellings.push((event.seq, telling)),
            News::Echo(of) => echoes.push((event.seq, *of)),
            News::None | News::Stale => {}
        }
    }
    let heads = [
        tellings.first().map(|told| told.0),
        echoes.first().map(|echo| echo.0),
    ];
    let first = heads.into_iter().flatten().min()?;
    if !tellings.is_empty() {
        note_in_table(script, &tellings);
    }
    if !echoes.is_empty() {
        // One that was known has no row with the number it would have got, and echoes nothing.
        script.say(
            "insert into echo (event, of)
             select e.seq, o.seq
               from jsonb_each(?) j
              cross join event e on e.seq = j.value->>0
              cross join event o on o.seq = j.value->>1;",
        );
        script.bind_list(&echoes);
    }
    let place = script.next_place();
    script.say(
        "select json_group_array(json_array(x.event, hex(e.id)))
           from echo x cross join event e on e.seq = x.of where x.event >= ?;",
    );
    script.bind(first);
    Some(place)
}

/// Writes what has no row yet, and finds the ends that had one.
fn note_in_table(script: &mut Script, tellings: &[(Seq, &Telling)]) {
    let rows: Vec<_> = tellings
        .iter()
        .map(|(seq, telling)| telling.row(*seq))
        .collect();
    // An event that was known has no row with the number it would have got: it tells nothing.
    script.say(
        "insert into told (task, turn, what, event, at, is_final)
         select unhex(j.value->>1), j.value->>2, j.value->>3, e.seq, j.value->>4, j.value->>5
           from jsonb_each(?) j cross join event e on e.seq = j.value->>0
          where true
          order by e.seq
             on conflict (account, task, turn, what) do update
            set event = excluded.event, at = excluded.at, is_final = excluded.is_final
          where event is null;",
    );
    script.bind_list(&rows);

    let ends: Vec<_> = tellings
        .iter()
        .filter(|(_, telling)| telling.is_end())
        .map(|(seq, telling)| telling.row(*seq))
        .collect();
    script.say(
        "insert into echo (event, of)
         select e.seq, t.event
           from jsonb_each(?) j
          cross join event e on e.seq = j.value->>0
          cross join told t on t.account = 0 and t.task = unhex(j.value->>1)
                           and t.turn = j.value->>2 and t.what = j.value->>3
          where t.event <> e.seq;",
    );
    script.bind_list(&ends);
}

/// Which events say what another had told, from the list at the place that [`note`] gave.
pub(super) fn echoes(list: &Done) -> Result<HashMap<Seq, EventId>, StoreError> {
    let id = |octets: &str| {
        let octets = hex::decode(octets).ok()?.try_into().ok()?;
        Some(EventId::from_bytes(octets))
    };
    list.list()?
        .into_iter()
        .map(|(seq, octets): (Seq, String)| Some((seq, id(&octets)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| torn("event id"))
}
