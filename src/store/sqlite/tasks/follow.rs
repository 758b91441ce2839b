//! Following the log of events, a bounded step at a time.

use futures_util::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::fold;
use super::fold::Said;
use super::keep::FOLLOWER;
use super::keep::read_through;
use crate::event::Seq;
use crate::store::Followed;
use crate::store::StoreError;
use crate::store::recent::Recent;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::codes::origin;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::facts;
use crate::task::Observation;

/// About so many bytes of bodies in a step: they are in memory together.
const BYTES: usize = 4 << 20;

/// What was read of the log: all that has not been observed, up to an event.
pub(super) struct Read {
    pub(super) said: Vec<Said>,
    pub(super) through: Seq,
}

/// Observes what comes next in the log.
pub(super) async fn step(store: &SqliteStore, limit: usize) -> Result<Followed, StoreError> {
    let behind = place(&store.readers).await?;
    let newest = *store.committer.committed().borrow();
    if newest <= behind {
        return Ok(Followed {
            heard_of: Vec::new(),
            through: behind,
            caught_up: true,
        });
    }
    let read = match at_hand(&store.recent, behind, newest, limit) {
        Some(read) => read,
        None => read(&store.readers, behind, newest, limit).await?,
    };
    let folded = fold::fold(&store.readers, read.said).await?;
    store
        .keep(&folded, |script| read_through(script, read.through))
        .await?;
    Ok(Followed {
        heard_of: folded.into_iter().map(|folded| folded.task).collect(),
        through: read.through,
        caught_up: read.through >= newest,
    })
}

/// How far the log is followed.
pub(super) async fn place(readers: &SqlitePool) -> Result<Seq, StoreError> {
    let seq: Option<Seq> = sqlx::query_scalar("select seq from follower where name = ?")
        .bind(FOLLOWER)
        .fetch_optional(readers)
        .await?;
    Ok(seq.unwrap_or(0))
}

/// The events after `behind` without reading them, as long as they are in memory: so as a rule.
fn at_hand(recent: &Recent, behind: Seq, newest: Seq, limit: usize) -> Option<Read> {
    let events = recent.after(behind, limit)?;
    let through = match events.last() {
        Some(last) if events.len() == limit => last.seq,
        Some(last) => last.seq.max(newest),
        None => newest,
    };
    let said = events.iter().filter_map(|event| {
        let signed_at = event.signature.as_ref().map(|it| it.signed_at);
        let facts = event.facts.clone();
        let (key, observation) =
            Observation::of_event(event.origin, facts, signed_at, event.received_at)?;
        Some(Said {
            key,
            observation,
            event: Some(event.seq),
        })
    });
    Some(Read {
        said: said.collect(),
        through,
    })
}

/// Reads the events after `behind`, at most `limit` numbers of them and none beyond `last`, and
/// leaves out those that were observed: so it does no harm to read twice.
pub(super) async fn read(
    readers: &SqlitePool,
    behind: Seq,
    last: Seq,
    limit: usize,
) -> Result<Read, StoreError> {
    let first: Option<Seq> = sqlx::query_scalar("select min(seq) from event where seq > ?")
        .bind(behind)
        .fetch_one(readers)
        .await?;
    let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
    let mut read = Read {
        said: Vec::new(),
        through: first.unwrap_or(last).saturating_add(limit - 1).min(last),
    };
    let mut rows = sqlx::query(
        "select e.seq, e.origin, e.signed_at, e.received_at, e.body
           from event e
          where e.seq > ? and e.seq <= ?
            and not exists (select 1 from observation o indexed by observation_by_event
                             where o.event = e.seq and o.event is not null)
          order by e.seq",
    )
    .bind(behind)
    .bind(read.through)
    .fetch(readers);
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        read.said.extend(said(&row)?);
        bytes += row.try_get::<&[u8], _>(4)?.len();
        if bytes >= BYTES {
            read.through = row.try_get(0)?;
            break;
        }
    }
    Ok(read)
}

/// What an event says about a task.
fn said(row: &SqliteRow) -> Result<Option<Said>, StoreError> {
    let signed_at: Option<i64> = row.try_get(2)?;
    let observed = Observation::of_event(
        origin(row.try_get(1)?)?,
        facts::read(row.try_get(4)?),
        signed_at.map(time).transpose()?,
        time(row.try_get(3)?)?,
    );
    let event = Some(row.try_get(0)?);
    Ok(observed.map(|(key, observation)| Said {
        key,
        observation,
        event,
    }))
}
