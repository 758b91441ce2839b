//! What was told of tasks so far.

use std::collections::HashMap;
use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::json;
use sqlx::Row as _;
use sqlx::SqliteConnection;

use crate::event::Seq;
use crate::store::StoreError;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::facts;
use crate::store::sqlite::script::Done;
use crate::store::sqlite::script::Script;
use crate::store::sqlite::tokens;
use crate::store::sqlite::tokens::TaskHash;
use crate::store::sqlite::tokens::task_hash;
use crate::store::sqlite::unindexed::Found;
use crate::store::sqlite::writer::Writer;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::Turns;

/// What was told of a task so far.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) turns: Turns,
    /// Which turns' starts and ends were told, or were so before we looked for the first time.
    pub(super) told: HashSet<(u32, bool)>,
    /// Those of them that the table has with the event that told them.
    pub(super) by_table: HashSet<(u32, bool)>,
    /// The webhook that told the one end first, where the index has it.
    pub(super) by_webhook: Option<Seq>,
}

impl Known {
    /// Notes that a milestone of a turn was told.
    pub(super) fn note(&mut self, milestone: Milestone, turn: u32, at: Timestamp) {
        self.turns.note(milestone, turn, at);
        self.told.insert((turn, milestone != Milestone::Start));
    }
}

/// A line of the table: whose, of which turn, whether of its end, whether an event told it, when, and
/// whether nothing can come after it.
type Line = (String, u32, u8, u8, i64, u8);

/// What was told of these tasks; of most nothing, and then nobody is asked.
pub(super) async fn known(
    writer: &mut Writer,
    mut tasks: Vec<(TaskKind, TaskHash)>,
) -> Result<HashMap<TaskHash, Known>, StoreError> {
    let mut known = HashMap::new();
    tasks.retain(|(_, task)| writer.told.may_have(task));
    if tasks.is_empty() {
        return Ok(known);
    }
    let hashes: Vec<_> = tasks.iter().map(|(_, task)| hex::encode(task)).collect();
    let end_once = tasks.iter().filter(|(kind, _)| *kind != TaskKind::Session);
    let ends: Vec<_> = end_once.map(|(_, task)| tokens::end_key(task)).collect();
    let ends = writer.unindexed.ask_for_ends(&ends);
    let script = question(&hashes, ends.as_ref());
    let done = script.run(&mut writer.connection).await?;
    if let Some(lines) = done.first() {
        from_table(&mut known, lines)?;
    }
    if let Some(ends) = done.get(1) {
        from_index(&mut known, &ends.list()?, &mut writer.connection).await?;
    }
    Ok(known)
}

/// Asks table and index in one go.
fn question(hashes: &[String], ends: Option<&Found>) -> Script {
    let mut script = Script::default();
    script.say(
        "select json_group_array(
                    json_array(hex(t.task), t.turn, t.what, t.event is not null, t.at, t.is_final))
           from (select distinct unhex(value) as task from jsonb_each(?)) j
          cross join told t on t.account = 0 and t.task = j.task;",
    );
    script.bind_list(&hashes);
    if let Some(ends) = ends {
        let numbers = ends.numbers(script.values(), Seq::MIN, Seq::MAX);
        script.say(&format!("select json_group_array(seq) from ({numbers});"));
    }
    script
}

fn from_table(known: &mut HashMap<TaskHash, Known>, lines: &Done) -> Result<(), StoreError> {
    for (task, turn, what, has_event, at, is_final) in lines.list::<Line>()? {
        let mut task_hash = TaskHash::default();
        hex::decode_to_slice(task, &mut task_hash).map_err(|_length| torn("task"))?;
        let known = known.entry(task_hash).or_default();
        let milestone = match (what, is_final) {
            (0, _) => Milestone::Start,
            (_, 0) => Milestone::Turn,
            _ => Milestone::End,
        };
        known.note(milestone, turn, time(at)?);
        if has_event == 1 {
            known.by_table.insert((turn, milestone != Milestone::Start));
        }
    }
    Ok(())
}

/// Looks at the events that the index names. There are none as a rule: few ends come twice.
async fn from_index(
    known: &mut HashMap<TaskHash, Known>,
    numbers: &[Seq],
    connection: &mut SqliteConnection,
) -> Result<(), StoreError> {
    if numbers.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "select e.seq, e.received_at, e.body
           from json_each(?) j cross join event e on e.seq = j.value
          order by e.seq",
    )
    .bind(json!(numbers).to_string())
    .fetch_all(connection)
    .await?;
    for row in rows {
        let facts = facts::read(row.try_get(2)?);
        // By its id, and not by its token: those are short.
        let Some((kind, id)) = TaskKey::borrowed(&facts) else {
            continue;
        };
        let known = known.entry(task_hash(kind, id)).or_default();
        let seq = row.try_get(0)?;
        known.by_webhook.get_or_insert(seq);
        let received_at = time(row.try_get(1)?)?;
        let at = facts.occurred_at.unwrap_or(received_at);
        known.note(Milestone::End, 1, at);
    }
    Ok(())
}
