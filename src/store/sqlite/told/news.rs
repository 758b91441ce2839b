//! What events tell of what is told once, and whether it is news.

use std::collections::HashMap;
use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::json;
use sqlx::Row as _;
use sqlx::SqliteConnection;

use super::News;
use super::TaskHash;
use super::Telling;
use super::hash;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::store::Append;
use crate::store::StoreError;
use crate::store::sqlite::codes::count;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::tokens;
use crate::store::sqlite::writer::Writer;
use crate::task::Heard;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TurnEnd;
use crate::task::Turns;

/// An event that tells something of a task.
struct Teller<'a> {
    event: &'a NewEvent,
    kind: TaskKind,
    id: &'a str,
    milestone: Milestone,
}

impl<'a> Teller<'a> {
    fn of(append: &'a Append) -> Option<Self> {
        let event = &append.event;
        let (kind, id) = TaskKey::borrowed(&event.facts)?;
        let milestone = Milestone::of(kind, &event.facts.state()?)?;
        (event.origin != Origin::Tidings).then_some(Self {
            event,
            kind,
            id,
            milestone,
        })
    }

    /// Whether the table has to be asked before it is written. A task that ends by webhook has
    /// only one row that it can be: nearly all tellers are such, and cost no question.
    fn must_ask(&self) -> bool {
        self.is_ours() || self.kind == TaskKind::Session
    }

    fn hash(&self) -> TaskHash {
        hash(self.kind, self.id)
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
pub(in crate::store::sqlite) async fn news(
    writer: &mut Writer,
    appends: &[Append],
) -> Result<Vec<News>, StoreError> {
    let tellers: Vec<Option<Teller<'_>>> = appends.iter().map(Teller::of).collect();
    let asked: Vec<String> = tellers
        .iter()
        .flatten()
        .filter(|teller| teller.must_ask())
        .map(|teller| hex::encode(teller.hash()))
        .collect();
    let mut known = if asked.is_empty() {
        HashMap::new()
    } else {
        known(&mut writer.connection, &asked).await?
    };

    let mut news = Vec::with_capacity(appends.len());
    for teller in tellers {
        news.push(match teller {
            Some(teller) if teller.must_ask() => {
                let known = known.entry(teller.hash()).or_default();
                judge(writer, &teller, known).await?
            }
            Some(teller) if teller.milestone == Milestone::End => News::Of(Telling {
                task: teller.hash(),
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
    writer: &mut Writer,
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
        task: teller.hash(),
        turn,
        milestone,
        at: micros(at),
    };
    let is_told = if milestone == Milestone::Start && turn == 1 {
        // The first start is told by us alone: a webhook's is told because it came.
        !teller.is_ours() || !known.rows.is_empty() || is_heard_of(writer, teller).await?
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
    hashes: &[String],
) -> Result<HashMap<TaskHash, Known>, StoreError> {
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
async fn is_heard_of(writer: &mut Writer, teller: &Teller<'_>) -> Result<bool, StoreError> {
    let question = tokens::about(teller.kind, teller.id);
    let found = writer.unindexed.ask(&question);
    found.is_any(&mut writer.connection).await
}
