//! Writes a turn: one text, one hop, one transaction. Before it, the index may take events in one of
//! its own.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Mutex;

use super::append;
use super::append::Numbered;
use super::claim;
use super::claim_together;
use super::codes::micros;
use super::enrichments;
use super::fresh::AtHand;
use super::fresh::Fresh;
use super::script::Script;
use super::settle;
use super::told;
use super::told::News;
use super::writer::Writer;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::event::Seq;
use crate::store::Append;
use crate::store::Appended;
use crate::store::StoreError;
use crate::store::recent::Recent;
use crate::store::turn::Backend;
use crate::store::turn::Sighting;
use crate::store::turn::Turn;
use crate::store::turn::TurnOutcome;

/// The writer as the committer knows it.
pub(super) struct TurnWriter {
    pub(super) writer: Arc<Mutex<Option<Writer>>>,
    /// Where whoever keeps up looks before it reads.
    pub(super) recent: Recent,
}

#[async_trait]
impl Backend for TurnWriter {
    async fn write(&mut self, turn: &Turn) -> Result<TurnOutcome, StoreError> {
        let mut writer = self.writer.lock().await;
        let writer = writer.as_mut().ok_or(StoreError::Closed)?;
        writer.will_sync(true).await?;
        let result = write(writer, turn, &self.recent).await;
        if result.is_err() {
            // A failed statement leaves the transaction open, and the next `begin` would fail.
            writer.recover().await;
            // It may have come after the commit: nobody knows what was stored.
            self.recent.start_over(writer.newest);
        }
        result
    }
}

/// Which statements of the script to ask what was done.
struct Places {
    inserted: Option<usize>,
    echoes: Option<usize>,
    settled: Option<settle::Places>,
    claimed: Vec<usize>,
}

async fn write(
    writer: &mut Writer,
    turn: &Turn,
    recent: &Recent,
) -> Result<TurnOutcome, StoreError> {
    writer.know_unindexed().await?;
    if !turn.appends.is_empty() {
        writer.unindexed.index(&mut writer.connection).await?;
    }
    let news = told::news(writer, &turn.appends).await?;
    let events = number(writer, &turn.appends, &news).await?;
    let (script, places) = compose(writer, turn, &events);
    let connection = &mut writer.connection;
    let (done, fresh) = script
        .run_beside(connection, || Fresh::all(&events))
        .await?;

    let inserted = places.inserted.map_or(0, |place| done[place].changes);
    let appended = appended(writer, &events, inserted).await?;
    if let Some(event) = events.iter().zip(&appended).rfind(|(_, is)| is_new(is)) {
        writer.newest = event.0.seq;
        writer.received_at = event.0.received_at;
    }
    let echoes = match places.echoes {
        Some(place) => told::echoes(&done[place])?,
        None => HashMap::new(),
    };
    let at_hand = AtHand {
        unindexed: &writer.unindexed,
        recent,
    };
    at_hand.keep(fresh?, &events, &appended, &echoes);

    let promoted = places
        .settled
        .as_ref()
        .is_some_and(|places| done[places.promoted].changes > 0);
    let mut outcome = TurnOutcome {
        rings: promoted || appended.iter().any(is_new) || any_open_again(turn),
        appended: with_the_stale(&news, appended),
        newest: writer.newest,
        ..TurnOutcome::default()
    };
    if let Some(places) = &places.settled {
        outcome.settled = settled(&turn.settles, &done[places.held].list()?);
    }
    let mut claims = places.claimed.iter();
    for wanted in &turn.claims {
        let mut leases = Vec::new();
        for (room, place) in wanted.rooms.iter().zip(claims.by_ref()) {
            let done = &done[*place];
            leases.extend(match room.together {
                None => claim::claimed(done, &room.sink)?,
                Some(_) => claim_together::claimed(done, &room.sink)?,
            });
        }
        outcome.claimed.push(leases);
    }
    Ok(outcome)
}

fn is_new(appended: &Appended) -> bool {
    matches!(appended, Appended::New(_))
}

/// What became of every event, given what became of those that are not stale.
fn with_the_stale(news: &[News], appended: Vec<Appended>) -> Vec<Appended> {
    let mut appended = appended.into_iter();
    let told = |news: &News| match news {
        News::Stale => Some(Appended::Told),
        News::None | News::Of(_) | News::Echo(_) => appended.next(),
    };
    news.iter().filter_map(told).collect()
}

/// Numbers the events that are not stale as if all were new, and makes their times monotone.
async fn number<'a>(
    writer: &mut Writer,
    appends: &'a [Append],
    news: &[News],
) -> Result<Vec<Numbered<'a>>, StoreError> {
    let mut events = Vec::with_capacity(appends.len());
    let mut received_at = writer.received_at;
    let fresh = appends
        .iter()
        .zip(news)
        .filter(|(_, news)| !news.is_stale());
    for ((append, news), seq) in fresh.zip(writer.newest + 1..) {
        received_at = received_at.max(micros(append.event.received_at));
        events.push(Numbered {
            append,
            seq,
            endpoint: writer.endpoint(&append.event.endpoint).await?,
            received_at,
            news: news.clone(),
        });
    }
    Ok(events)
}

/// Appends come before settles, and settles before claims: so what this turn makes due can be
/// claimed in it.
fn compose(writer: &Writer, turn: &Turn, events: &[Numbered<'_>]) -> (Script, Places) {
    let mut script = Script::default();
    script.say("begin immediate;");
    let inserted = (!events.is_empty()).then(|| script.next_place());
    if !events.is_empty() {
        append::events(&mut script, events);
    }
    let echoes = told::note(&mut script, events);
    if events.iter().any(|event| !event.append.owed.is_empty()) {
        let bounds = enrichments::bounds(events);
        if !bounds.is_empty() {
            enrichments::open(&mut script, &bounds);
        }
        append::deliveries(&mut script, events, |owed| writer.sink(&owed.sink));
    }
    if !turn.sightings.is_empty() {
        sightings(&mut script, &turn.sightings);
    }
    let settled = (!turn.settles.is_empty()).then(|| settle::settles(&mut script, &turn.settles));
    // Before what waits for it is claimed.
    if let Some(now) = turn.claims.iter().map(|claim| claim.now).max() {
        enrichments::close(&mut script, now);
    }
    let mut claimed = Vec::new();
    for wanted in &turn.claims {
        for room in &wanted.rooms {
            let sink = writer.sink(&room.sink);
            let place = match room.together {
                None => claim::claim(&mut script, wanted, room, sink),
                Some(together) => claim_together::claim(&mut script, wanted, room, together, sink),
            };
            claimed.push(place);
        }
    }
    script.say("commit;");
    let places = Places {
        inserted,
        echoes,
        settled,
        claimed,
    };
    (script, places)
}

/// Adds to the counts of events that came again.
fn sightings(script: &mut Script, sightings: &[Sighting]) {
    let list: Vec<_> = sightings
        .iter()
        .map(|sighting| (sighting.seq, sighting.times, micros(sighting.last_at)))
        .collect();
    script.say(
        "insert into sighting (event, times, last_at)
         select value->>0, value->>1, value->>2 from jsonb_each(?) where true
             on conflict (event) do update
            set times = times + excluded.times, last_at = max(last_at, excluded.last_at);",
    );
    script.bind_list(&list);
}

/// Which events were new. Only where fewer were inserted than sent, the table is asked: an event
/// that has another number than it would have got was known, also when it was this very turn that
/// stored it first.
async fn appended(
    writer: &mut Writer,
    events: &[Numbered<'_>],
    inserted: u64,
) -> Result<Vec<Appended>, StoreError> {
    if usize::try_from(inserted) == Ok(events.len()) {
        return Ok(events
            .iter()
            .map(|event| Appended::New(event.seq))
            .collect());
    }
    let ids: Vec<_> = events
        .iter()
        .map(|event| hex::encode(event.append.event.id.as_bytes()))
        .collect();
    let known: Vec<(Vec<u8>, Seq)> = sqlx::query_as(
        "select e.id, e.seq
           from json_each(?) j
          cross join event e indexed by event_by_id on e.id = unhex(j.value)",
    )
    .bind(json!(ids).to_string())
    .fetch_all(&mut writer.connection)
    .await?;
    let known: HashMap<_, _> = known.into_iter().collect();
    let appended = events.iter().map(|event| {
        let id = event.append.event.id.as_bytes().as_slice();
        known.get(id).map(|&seq| {
            if seq == event.seq {
                Appended::New(seq)
            } else {
                Appended::Known(seq)
            }
        })
    });
    appended
        .collect::<Option<_>>()
        .ok_or_else(|| super::codes::torn("index of ids"))
}

/// Which settles held their lease, given the places of those that did, in order.
fn settled(settles: &[(Vec<Settle>, Timestamp)], held: &[usize]) -> Vec<Vec<bool>> {
    let held: HashSet<_> = held.iter().collect();
    let mut places = 0..;
    let mut is_held = |_: &Settle| places.next().is_some_and(|place| held.contains(&place));
    let group = |(settles, _): &(Vec<Settle>, _)| settles.iter().map(&mut is_held).collect();
    settles.iter().map(group).collect()
}

fn any_open_again(turn: &Turn) -> bool {
    let mut settles = turn.settles.iter().flat_map(|(settles, _)| settles);
    settles.any(|settle| {
        matches!(
            settle.settlement,
            Settlement::Retry(_) | Settlement::GivenBack
        )
    })
}
