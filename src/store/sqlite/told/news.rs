//! What events tell of what is told once, and whether it is news.

use jiff::Timestamp;

use super::News;
use super::Telling;
use super::known::Known;
use super::known::known;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::event::Seq;
use crate::store::Append;
use crate::store::StoreError;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::tokens;
use crate::store::sqlite::tokens::TaskHash;
use crate::store::sqlite::tokens::task_hash;
use crate::store::sqlite::writer::Writer;
use crate::task::Heard;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;

/// An event that tells what is told once.
struct Teller<'a> {
    event: &'a NewEvent,
    kind: TaskKind,
    id: &'a str,
    task: TaskHash,
    milestone: Milestone,
    /// Whether it is of the many whose token says enough.
    ends_once: bool,
}

impl<'a> Teller<'a> {
    fn of(append: &'a Append) -> Option<Self> {
        let event = &append.event;
        let (kind, id) = TaskKey::borrowed(&event.facts)?;
        let milestone = Milestone::of(kind, &event.facts.state()?)?;
        let ends_once = tokens::ends_once(&event.facts, event.origin).is_some();
        let tells = match event.origin {
            // That a task began is told as often as a webhook says it.
            Origin::Webhook => kind == TaskKind::Session || ends_once,
            Origin::Reconcile => true,
            Origin::Tidings => false,
        };
        tells.then(|| Self {
            event,
            kind,
            id,
            task: task_hash(kind, id),
            milestone,
            ends_once,
        })
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

    /// The row for it.
    fn telling(&self, turn: u32) -> Telling {
        Telling {
            task: self.task,
            turn,
            milestone: self.milestone,
            at: micros(self.at()),
        }
    }
}

/// What each of these events tells. Those that are not stale get the numbers from the next one on, in
/// their order.
pub(in crate::store::sqlite) async fn news(
    writer: &mut Writer,
    appends: &[Append],
) -> Result<Vec<News>, StoreError> {
    let tellers: Vec<Option<Teller<'_>>> = appends.iter().map(Teller::of).collect();
    let tasks = tellers
        .iter()
        .flatten()
        .map(|teller| (teller.kind, teller.task));
    let mut known = known(writer, tasks.collect()).await?;

    let mut news = Vec::with_capacity(appends.len());
    let mut next = writer.newest + 1;
    for teller in &tellers {
        let told = match teller {
            None => News::None,
            Some(teller) => {
                writer.told.insert(&teller.task);
                let known = known.entry(teller.task).or_default();
                if teller.ends_once {
                    judge_end(teller, known, next)
                } else {
                    judge(writer, teller, known).await?
                }
            }
        };
        if !told.is_stale() {
            next += 1;
        }
        news.push(told);
    }
    Ok(news)
}

/// Whether a webhook that will have this number tells an end that nobody told.
fn judge_end(teller: &Teller<'_>, known: &mut Known, seq: Seq) -> News {
    let news = match known.by_webhook {
        // The table knows who it was.
        _ if known.by_table.contains(&(1, true)) => News::Of(teller.telling(1)),
        Some(of) => News::Echo(of),
        // It was so before we looked for the first time: the row waits for a webhook.
        None if known.told.contains(&(1, true)) => {
            known.by_table.insert((1, true));
            News::Of(teller.telling(1))
        }
        None => News::None,
    };
    known.by_webhook.get_or_insert(seq);
    known.note(teller.milestone, 1, teller.at());
    news
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
    let telling = teller.telling(turn);
    let is_told = if milestone == Milestone::Start && turn == 1 {
        // The first start is told by us alone: a webhook's is told because it came.
        !teller.is_ours() || !known.told.is_empty() || is_heard_of(writer, teller).await?
    } else {
        teller.is_ours() && known.told.contains(&(turn, telling.is_end()))
    };
    if is_told {
        return Ok(untold);
    }
    known.note(milestone, turn, at);
    known.by_table.insert((turn, telling.is_end()));
    Ok(News::Of(telling))
}

/// Whether any event was about this task.
async fn is_heard_of(writer: &mut Writer, teller: &Teller<'_>) -> Result<bool, StoreError> {
    let question = tokens::about(teller.kind, teller.id);
    let found = writer.unindexed.ask(&question);
    found.is_any(&mut writer.connection).await
}
