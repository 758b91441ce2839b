//! The part of a turn that sees to it that an end is told once.

use std::collections::HashMap;
use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;
use sqlx::Row as _;
use sqlx::SqliteConnection;

use super::append::Numbered;
use super::codes::count;
use super::codes::micros;
use super::codes::time;
use super::codes::torn;
use super::script::Done;
use super::script::Script;
use super::tokens;
use crate::event::EventId;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::event::Seq;
use crate::store::Append;
use crate::store::StoreError;
use crate::task::Heard;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TurnEnd;
use crate::task::Turns;

/// What the table keeps of a task's id.
type TaskHash = [u8; 16];

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
    /// Nothing.
    None,
    /// This, unless somebody told it before.
    Of(Telling),
    /// Nothing new, though it was our own wish to tell it: it is not to be stored.
    Stale,
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

/// An event that tells something of a task.
struct Teller<'a> {
    event: &'a NewEvent,
    key: TaskKey,
    milestone: Milestone,
}

impl<'a> Teller<'a> {
    fn of(append: &'a Append) -> Option<Self> {
        let event = &append.event;
        let key = TaskKey::of(&event.facts)?;
        let milestone = Milestone::of(key.kind, &event.facts.state()?)?;
        (event.origin != Origin::Tidings).then_some(Self {
            event,
            key,
            milestone,
        })
    }

    /// Whether the table has to be asked before it is written. A task that ends by webhook has
    /// only one row that it can be: nearly all tellers are such, and cost no question.
    fn must_ask(&self) -> bool {
        self.is_ours() || self.key.kind == TaskKind::Session
    }

    fn is_ours(&self) -> bool {
        self.event.origin == Origin::Reconcile
    }

    /// When that was so. What we saw by looking was so when we looked.
    fn at(&self) -> Timestamp {
        let received_at = self.event.received_at;
        if self.is_ours() {
            return received_at;
        }
        let signed_at = self.event.signature.as_ref().map(|signed| signed.signed_at);
        let said = self.event.facts.occurred_at.or(signed_at);
        said.unwrap_or(received_at)
    }

    fn heard(&self) -> Heard {
        if self.is_ours() {
            Heard::ByLooking
        } else {
            Heard::AsItHappened
        }
    }
}

/// What was told of a task so far.
#[derive(Debug, Default)]
struct Known {
    turns: Turns,
    /// The rows there are.
    rows: HashSet<(u32, bool)>,
}

/// What each of these events tells.
pub(super) async fn news(
    connection: &mut SqliteConnection,
    appends: &[Append],
) -> Result<Vec<News>, StoreError> {
    let tellers: Vec<Option<Teller<'_>>> = appends.iter().map(Teller::of).collect();
    let asked: Vec<&TaskKey> = tellers
        .iter()
        .flatten()
        .filter(|teller| teller.must_ask())
        .map(|teller| &teller.key)
        .collect();
    let mut known = if asked.is_empty() {
        HashMap::new()
    } else {
        known(connection, &asked).await?
    };

    let mut news = Vec::with_capacity(appends.len());
    for teller in tellers {
        news.push(match teller {
            Some(teller) if teller.must_ask() => {
                let known = known.entry(hash(&teller.key)).or_default();
                judge(connection, &teller, known).await?
            }
            Some(teller) if teller.milestone == Milestone::End => News::Of(Telling {
                task: hash(&teller.key),
                turn: 1,
                milestone: teller.milestone,
                at: micros(teller.at()),
            }),
            _ => News::None,
        });
    }
    Ok(news)
}

async fn judge(
    connection: &mut SqliteConnection,
    teller: &Teller<'_>,
    known: &mut Known,
) -> Result<News, StoreError> {
    let untold = if teller.is_ours() {
        News::Stale
    } else {
        News::None
    };
    let (milestone, at) = (teller.milestone, teller.at());
    let Some(turn) = known.turns.place(milestone, at, teller.heard()) else {
        return Ok(untold);
    };
    let telling = Telling {
        task: hash(&teller.key),
        turn,
        milestone,
        at: micros(at),
    };
    let is_told = if milestone == Milestone::Start && turn == 1 {
        // The first start is told by us alone: a webhook's is told because it came.
        !teller.is_ours() || !known.rows.is_empty() || is_heard_of(connection, &teller.key).await?
    } else {
        teller.is_ours() && known.rows.contains(&(turn, telling.is_end()))
    };
    if is_told {
        return Ok(untold);
    }
    known.turns.note(milestone, turn, at);
    known.rows.insert((turn, telling.is_end()));
    Ok(News::Of(telling))
}

/// What was told of some tasks.
async fn known(
    connection: &mut SqliteConnection,
    keys: &[&TaskKey],
) -> Result<HashMap<TaskHash, Known>, StoreError> {
    let hashes: Vec<String> = keys.iter().map(|key| hex::encode(hash(key))).collect();
    let rows = sqlx::query(
        "select t.task, t.turn, t.what, t.at, t.is_final
           from (select distinct unhex(value) as task from json_each(?)) j
          cross join told t on t.account = 0 and t.task = j.task
          order by t.task, t.turn, t.what",
    )
    .bind(json!(hashes).to_string())
    .fetch_all(connection)
    .await?;

    let mut known: HashMap<TaskHash, Known> = HashMap::new();
    for row in rows {
        let task: &[u8] = row.try_get(0)?;
        let task = TaskHash::try_from(task).map_err(|_length| torn("task"))?;
        let turn = count(row.try_get(1)?)?;
        let is_end = row.try_get::<i64, _>(2)? == 1;
        let known = known.entry(task).or_default();
        known.rows.insert((turn, is_end));
        if is_end {
            known.turns.ended = Some(TurnEnd {
                turn,
                through: time(row.try_get(3)?)?,
                is_final: row.try_get::<i64, _>(4)? == 1,
            });
        } else if turn > 1 {
            known.turns.begun = turn;
        }
    }
    Ok(known)
}

/// Whether any event was about this task.
async fn is_heard_of(connection: &mut SqliteConnection, key: &TaskKey) -> Result<bool, StoreError> {
    let found: Option<i64> =
        sqlx::query_scalar("select rowid from event_token where event_token match ? limit 1")
            .bind(tokens::about(key))
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

/// Notes what events tell, and which of them say what was told before. Gives the place of the list
/// of those.
pub(super) fn note(script: &mut Script, events: &[Numbered<'_>]) -> Option<usize> {
    let tellings = || {
        let told = |event: &Numbered<'_>| Some((event.seq, event.telling.clone()?));
        events.iter().filter_map(told)
    };
    let first = tellings().next()?.0;
    let rows: Vec<_> = tellings().map(|(seq, telling)| telling.row(seq)).collect();
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

    let ends: Vec<_> = tellings()
        .filter(|(_, telling)| telling.is_end())
        .map(|(seq, telling)| telling.row(seq))
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

    let place = script.next_place();
    script.say(
        "select json_group_array(json_array(x.event, hex(e.id)))
           from echo x cross join event e on e.seq = x.of where x.event >= ?;",
    );
    script.bind(first);
    Some(place)
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

/// What stands for a task in the table. Two tasks with the same would share their ends; of so many
/// bits none are expected to.
pub(super) fn hash(key: &TaskKey) -> TaskHash {
    let kind = match key.kind {
        TaskKind::Task => b't',
        TaskKind::Run => b'r',
        TaskKind::Session => b's',
    };
    let hash = Sha256::new_with_prefix([kind]).chain_update(key.id.as_bytes());
    let mut head = TaskHash::default();
    head.copy_from_slice(&hash.finalize()[..16]);
    head
}
