//! Folding what was said into the tasks it is about, and keeping both.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::json;
use sqlx::Connection as _;
use sqlx::SqlitePool;

use super::row;
use super::row::columns;
use super::row::hex;
use super::tokens;
use crate::event::Seq;
use crate::routing::Lane;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::codes::from_source;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::script::Script;
use crate::task::Observation;
use crate::task::Projection;
use crate::task::TaskKey;

/// The name under which the log is followed.
pub(super) const FOLLOWER: &str = "tasks";

/// Something that was said about a task.
pub(super) struct Said {
    pub(super) key: TaskKey,
    pub(super) observation: Observation,
    /// The event that said it.
    pub(super) event: Option<Seq>,
}

/// What a batch of observations comes to.
#[derive(Default)]
pub(super) struct Folded {
    /// The tasks that they are about, as they stand then.
    tasks: Vec<TaskRecord>,
    /// Those of them that are found by more than before.
    tokens: Vec<(i64, String)>,
    /// The observations as rows.
    observations: Vec<Value>,
}

impl Folded {
    pub(super) fn into_tasks(self) -> Vec<TaskRecord> {
        self.tasks
    }
}

/// Folds a batch into the tasks as they are stored. Whoever calls this is alone until the result
/// is stored, too: new tasks get the next numbers here.
pub(super) async fn fold(readers: &SqlitePool, batch: Vec<Said>) -> Result<Folded, StoreError> {
    let mut folded = Folded::default();
    let mut places = HashMap::new();
    for task in known(readers, &batch).await? {
        places.insert(task.key.clone(), folded.tasks.len());
        folded.tasks.push(task);
    }
    let newest: Option<i64> = sqlx::query_scalar("select max(id) from task")
        .fetch_one(readers)
        .await?;
    let mut number = newest.unwrap_or(0);
    let mut learned = Vec::new();

    for said in batch {
        let place = *places.entry(said.key).or_insert_with_key(|key| {
            number += 1;
            folded.tasks.push(new(number, key.clone()));
            folded.tasks.len() - 1
        });
        let task = &mut folded.tasks[place];
        let kept = task.projection.observe(said.observation);
        task.observations += 1;
        if kept.run_id.is_some() || kept.session_id.is_some() || kept.metadata.is_some() {
            learned.push(place);
        }
        let row = observation(task.number, task.observations, &kept, said.event);
        folded.observations.push(row);
    }
    learned.sort_unstable();
    learned.dedup();
    let found_by = |place: usize| {
        let task = &folded.tasks[place];
        (task.number, tokens::of(&task.projection))
    };
    folded.tokens = learned.into_iter().map(found_by).collect();
    Ok(folded)
}

/// The tasks that a batch is about and that are stored already.
async fn known(readers: &SqlitePool, batch: &[Said]) -> Result<Vec<TaskRecord>, StoreError> {
    let mut lanes: Vec<i64> = batch
        .iter()
        .map(|said| Lane::of(&said.key.id).number())
        .collect();
    lanes.sort_unstable();
    lanes.dedup();
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from jsonb_each(?) j cross join task t indexed by task_by_lane on t.lane = j.value"
    ))
    .bind(json!(lanes).to_string())
    .fetch_all(readers)
    .await?;
    let mut tasks = rows.iter().map(row::read).collect::<Result<Vec<_>, _>>()?;
    let asked: std::collections::HashSet<&TaskKey> = batch.iter().map(|said| &said.key).collect();
    tasks.retain(|task| asked.contains(&task.key));
    Ok(tasks)
}

fn new(number: i64, key: TaskKey) -> TaskRecord {
    TaskRecord {
        number,
        key,
        projection: Projection::default(),
        observations: 0,
    }
}

fn observation(task: i64, number: u64, kept: &Observation, event: Option<Seq>) -> Value {
    json!([
        task,
        number,
        from_source(kept.source),
        micros(kept.at),
        micros(kept.seen_at),
        hex(kept.word.as_deref()),
        event,
        hex(kept.run_id.as_deref()),
        hex(kept.session_id.as_deref()),
        hex(kept.metadata.as_deref()),
    ])
}

impl SqliteStore {
    /// Stores what a batch came to, and how far the log is read.
    pub(super) async fn keep(
        &self,
        folded: &Folded,
        through: Option<Seq>,
    ) -> Result<(), StoreError> {
        let mut script = Script::default();
        tasks(&mut script, &folded.tasks);
        observations(&mut script, &folded.observations);
        found_by(&mut script, &folded.tokens);
        if let Some(seq) = through {
            read_through(&mut script, seq);
        }
        self.write(script).await
    }

    /// Writes between two turns, all or nothing.
    pub(super) async fn write(&self, script: Script) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        // Not said in the script: should we be dropped on the way, this takes everything back.
        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        script.run(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Stores where tasks stand.
pub(super) fn tasks(script: &mut Script, tasks: &[TaskRecord]) {
    script.say(
        "insert into task
            (id, kind, vendor_id, lane, observations, word, source, at, seen_at,
             created_at, started_at, run_id, session_id, metadata, first_seen_at, last_seen_at)
         select value->>0, value->>1, unhex(value->>2), value->>3, value->>4, unhex(value->>5),
                value->>6, value->>7, value->>8, value->>9, value->>10, unhex(value->>11),
                unhex(value->>12), unhex(value->>13), value->>14, value->>15
           from jsonb_each(?) where true
             on conflict (id) do update
            set observations = excluded.observations, word = excluded.word,
                source = excluded.source, at = excluded.at, seen_at = excluded.seen_at,
                created_at = excluded.created_at, started_at = excluded.started_at,
                run_id = excluded.run_id, session_id = excluded.session_id,
                metadata = excluded.metadata, first_seen_at = excluded.first_seen_at,
                last_seen_at = excluded.last_seen_at;",
    );
    script.bind_list(&tasks.iter().map(row::written).collect::<Vec<_>>());
}

fn observations(script: &mut Script, rows: &[Value]) {
    script.say(
        "insert into observation
            (task, number, source, at, seen_at, word, event, run_id, session_id, metadata)
         select value->>0, value->>1, value->>2, value->>3, value->>4, unhex(value->>5),
                value->>6, unhex(value->>7), unhex(value->>8), unhex(value->>9)
           from jsonb_each(?);",
    );
    script.bind_list(&rows);
}

/// Makes tasks findable by their run, session and metadata.
pub(super) fn found_by(script: &mut Script, tokens: &[(i64, String)]) {
    script.say(
        "insert or replace into task_token (rowid, tokens)
         select value->>0, value->>1 from jsonb_each(?);",
    );
    script.bind_list(&tokens);
}

fn read_through(script: &mut Script, seq: Seq) {
    script.say(
        "insert into follower (name, seq) values (?, ?)
             on conflict (name) do update set seq = excluded.seq;",
    );
    script.bind(FOLLOWER);
    script.bind(seq);
}
