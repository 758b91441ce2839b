//! The newest events, which the index of filters does not have yet.
//!
//! A commit that writes to the index leaves a segment in it, which is merged with others later, and
//! that costs more than all else of an append: nearly as much for one event as for some hundreds. So
//! the index gets events by the hundred, before a turn that finds enough of them stored, and until
//! then they are found here.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use sqlx::Row as _;
use sqlx::SqliteConnection;

use super::codes::origin;
use super::facts;
use super::question::Question;
use super::script::Script;
use super::script::Values;
use super::tokens;
use crate::event::Seq;
use crate::store::StoreError;

/// How many events are put into the index at once. More would cost less, and the turn behind it would
/// be felt by whoever waits for that.
const BATCH: usize = 512;

/// By what name the table of followers has how far the index goes.
const FOLLOWER: &str = "filters";

/// The newest events, by their tokens. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Unindexed(Arc<Mutex<Newest>>);

#[derive(Debug, Default)]
struct Newest {
    /// The index has what is stored up to this event.
    indexed: Seq,
    /// The tokens of each that came later, also of those that have none.
    tokens: BTreeMap<Seq, Arc<str>>,
    /// Which of them told an end first, by its key: so they are not searched for among the
    /// others.
    ends: HashMap<u64, Seq>,
}

/// Events that are put into the index.
struct Batch {
    through: Seq,
    tokens: Vec<(Seq, Arc<str>)>,
}

/// Where what a question finds is: in the index up to an event, and after that these.
pub(super) struct Found {
    question: String,
    indexed: Seq,
    later: Vec<Seq>,
}

impl Unindexed {
    /// Reads them from the log: at the start, and when it is not certain what was stored.
    pub(super) async fn read(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let indexed: Option<Seq> = sqlx::query_scalar("select seq from follower where name = ?")
            .bind(FOLLOWER)
            .fetch_optional(&mut *connection)
            .await?;
        let indexed = indexed.unwrap_or_default();
        let rows = sqlx::query("select seq, origin, body from event where seq > ? order by seq")
            .bind(indexed)
            .fetch_all(connection)
            .await?;
        let mut newest = Newest {
            indexed,
            ..Newest::default()
        };
        for row in rows {
            let facts = facts::read(row.try_get(2)?);
            let tokens = tokens::of(&facts, origin(row.try_get(1)?)?);
            newest.add(row.try_get(0)?, tokens.into());
        }
        *self.newest() = newest;
        Ok(())
    }

    /// Adds one that was stored, by its tokens.
    pub(super) fn add(&self, seq: Seq, tokens: Arc<str>) {
        self.newest().add(seq, tokens);
    }

    /// Puts them into the index if there are enough, in a transaction of its own: as a part of a
    /// turn's text it would be one more reason to prepare that anew.
    pub(super) async fn index(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if let Some(batch) = self.batch() {
            let mut script = Script::default();
            script.say("begin immediate;");
            batch.write(&mut script);
            script.say("commit;");
            script.run(connection).await?;
            self.newest().are_indexed(batch.through);
        }
        Ok(())
    }

    fn batch(&self) -> Option<Batch> {
        let newest = self.newest();
        if newest.tokens.len() < BATCH {
            return None;
        }
        let tokens: Vec<_> = newest
            .tokens
            .iter()
            .map(|(&seq, tokens)| (seq, Arc::clone(tokens)))
            .collect();
        let (through, _) = *tokens.last()?;
        Some(Batch { through, tokens })
    }

    /// Where what a question finds is. What is stored later is not found.
    pub(super) fn ask(&self, question: &Question) -> Found {
        let newest = self.newest();
        let hits = newest
            .tokens
            .iter()
            .filter(|(_, tokens)| question.finds(tokens));
        Found {
            question: question.text(),
            indexed: newest.indexed,
            later: hits.map(|(&seq, _)| seq).collect(),
        }
    }

    /// The ends that they told, by their keys.
    pub(super) fn ends(&self) -> Vec<u64> {
        self.newest().ends.keys().copied().collect()
    }

    /// Where the events are that told one of these ends, given by their keys. None: nothing is asked.
    pub(super) fn ask_for_ends(&self, ends: &[u64]) -> Option<Found> {
        let question = tokens::about_ends(ends)?;
        let newest = self.newest();
        let hits = ends.iter().filter_map(|end| newest.ends.get(end));
        Some(Found {
            question: question.text(),
            indexed: newest.indexed,
            later: hits.copied().collect(),
        })
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        // Every change is made in one step, or is an entry more or less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newest {
    fn add(&mut self, seq: Seq, tokens: Arc<str>) {
        if let Some(end) = tokens::end_among(&tokens) {
            self.ends.entry(end).or_insert(seq);
        }
        self.tokens.insert(seq, tokens);
    }

    /// Forgets those up to this event: they are in the index now.
    fn are_indexed(&mut self, through: Seq) {
        self.indexed = through;
        self.tokens = self.tokens.split_off(&through.saturating_add(1));
        self.ends.retain(|_, seq| *seq > through);
    }
}

impl Batch {
    fn write(&self, script: &mut Script) {
        let with_tokens = self.tokens.iter().filter(|(_, tokens)| !tokens.is_empty());
        let list: Vec<(Seq, &str)> = with_tokens.map(|(seq, tokens)| (*seq, &**tokens)).collect();
        script.say(
            "insert into event_token (rowid, tokens)
             select value->>0, value->>1 from jsonb_each(?);",
        );
        script.bind_list(&list);
        script.say(
            "insert into follower (name, seq) values (?, ?)
                 on conflict (name) do update set seq = excluded.seq;",
        );
        script.bind(FOLLOWER);
        script.bind(self.through);
    }
}

impl Found {
    /// The query that gives the numbers from `from` to before `to` as `seq`. It can be ordered and
    /// limited.
    pub(super) fn numbers(&self, values: &mut Values, from: Seq, to: Seq) -> &'static str {
        let is_within = |seq: &Seq| from <= *seq && *seq < to;
        let later: Vec<Seq> = self.later.iter().copied().filter(is_within).collect();
        values.bind(self.question.clone());
        values.bind(from);
        values.bind(to.min(self.indexed.saturating_add(1)));
        values.bind(serde_json::json!(later).to_string());
        "select rowid as seq from event_token where event_token match ? and rowid >= ? and rowid < ?
         union all
         select value from json_each(?)"
    }

    /// Whether there is anything.
    pub(super) async fn is_any(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<bool, StoreError> {
        if !self.later.is_empty() {
            return Ok(true);
        }
        let found: Option<Seq> =
            sqlx::query_scalar("select rowid from event_token where event_token match ? limit 1")
                .bind(&self.question)
                .fetch_optional(connection)
                .await?;
        Ok(found.is_some())
    }
}
