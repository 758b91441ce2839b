//! Storing what was said, and where it leaves the tasks.

use serde_json::Value;
use serde_json::json;
use sqlx::Connection as _;

use super::fold::Folded;
use super::row;
use super::row::hex;
use super::tokens;
use crate::event::Seq;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::codes::from_source;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::script::Script;
use crate::task::Observation;

/// The name under which the log is followed.
pub(super) const FOLLOWER: &str = "tasks";

impl SqliteStore {
    /// Stores what a batch came to, and what has to be stored with it.
    pub(super) async fn keep(
        &self,
        folded: &[Folded],
        also: impl FnOnce(&mut Script),
    ) -> Result<(), StoreError> {
        let mut script = Script::default();
        tasks(&mut script, folded.iter().map(|folded| &folded.task));
        said(&mut script, folded);
        let learned = folded.iter().filter(|folded| folded.is_found_by_more);
        found_by(&mut script, learned.map(|folded| &folded.task));
        also(&mut script);
        self.write(script).await
    }

    /// Stores tasks as their observations say they stand.
    pub(super) async fn mend(&self, mended: &[TaskRecord]) -> Result<(), StoreError> {
        let mut script = Script::default();
        tasks(&mut script, mended.iter());
        found_by(&mut script, mended.iter());
        self.write(script).await
    }

    /// Writes between two turns, all or nothing, and does not wait for the disk: what a power cut
    /// takes back is read from the log again, or asked of the Cloud API.
    async fn write(&self, script: Script) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        writer.will_sync(false).await?;
        // Not said in the script: should we be dropped on the way, this takes everything back.
        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        script.run(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn tasks<'a>(script: &mut Script, tasks: impl Iterator<Item = &'a TaskRecord>) {
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
    script.bind_list(&tasks.map(row::written).collect::<Vec<_>>());
}

fn said(script: &mut Script, folded: &[Folded]) {
    script.say(
        "insert into observation
            (task, number, source, at, seen_at, word, event, run_id, session_id, metadata)
         select value->>0, value->>1, value->>2, value->>3, value->>4, unhex(value->>5),
                value->>6, unhex(value->>7), unhex(value->>8), unhex(value->>9)
           from jsonb_each(?);",
    );
    let rows = folded.iter().flat_map(|folded| {
        let task = &folded.task;
        let before = task.observations - folded.said.len() as u64;
        (before + 1..)
            .zip(&folded.said)
            .map(|(number, (observation, event))| line(task.number, number, observation, *event))
    });
    script.bind_list(&rows.collect::<Vec<_>>());
}

/// A line of a task's timeline. What an event says is not written again.
fn line(task: i64, number: u64, observation: &Observation, event: Option<Seq>) -> Value {
    let unless_in_event =
        |text: &Option<Box<str>>| hex(text.as_deref().filter(|_| event.is_none()));
    json!([
        task,
        number,
        from_source(observation.source),
        micros(observation.at),
        micros(observation.seen_at),
        hex(observation.word.as_deref()),
        event,
        unless_in_event(&observation.run_id),
        unless_in_event(&observation.session_id),
        unless_in_event(&observation.metadata),
    ])
}

/// Makes tasks findable by their run, session and metadata.
fn found_by<'a>(script: &mut Script, tasks: impl Iterator<Item = &'a TaskRecord>) {
    script.say(
        "insert or replace into task_token (rowid, tokens)
         select value->>0, value->>1 from jsonb_each(?);",
    );
    let list = tasks.map(|task| (task.number, tokens::of(&task.projection)));
    script.bind_list(&list.collect::<Vec<_>>());
}

/// Stores how far the log was read.
pub(super) fn read_through(script: &mut Script, seq: Seq) {
    script.say(
        "insert into follower (name, seq) values (?, ?)
             on conflict (name) do update set seq = excluded.seq;",
    );
    script.bind(FOLLOWER);
    script.bind(seq);
}
