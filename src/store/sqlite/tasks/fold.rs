//! Folding what was said into the tasks that it is about.

use std::collections::HashMap;
use std::collections::HashSet;

use serde_json::json;
use sqlx::SqlitePool;

use super::row;
use super::row::columns;
use crate::event::Seq;
use crate::routing::Lane;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::task::Observation;
use crate::task::Projection;
use crate::task::TaskKey;

/// Something that was said about a task.
pub(super) struct Said {
    pub(super) key: TaskKey,
    pub(super) observation: Observation,
    /// The event that said it.
    pub(super) event: Option<Seq>,
}

/// A task with what was newly said about it.
pub(super) struct Folded {
    /// As it stands then.
    pub(super) task: TaskRecord,
    /// The observations, in order, each with its event. They are the last of the task's.
    pub(super) said: Vec<(Observation, Option<Seq>)>,
    /// Whether it is found by more than before.
    pub(super) is_found_by_more: bool,
}

/// Folds a batch into the tasks as they are stored. Whoever calls this is alone until the result
/// is stored, too: new tasks get the next numbers here.
pub(super) async fn fold(
    readers: &SqlitePool,
    batch: Vec<Said>,
) -> Result<Vec<Folded>, StoreError> {
    let mut folded = Vec::new();
    let mut places = HashMap::new();
    for task in known(readers, &batch).await? {
        places.insert(task.key.clone(), folded.len());
        folded.push(Folded::from(task));
    }
    let mut newest = newest(readers).await?;
    for said in batch {
        let place = *places.entry(said.key).or_insert_with_key(|key| {
            newest += 1;
            folded.push(Folded::from(unheard_of(newest, key.clone())));
            folded.len() - 1
        });
        folded[place].observe(said.observation, said.event);
    }
    Ok(folded)
}

impl From<TaskRecord> for Folded {
    fn from(task: TaskRecord) -> Self {
        Self {
            task,
            said: Vec::new(),
            is_found_by_more: false,
        }
    }
}

impl Folded {
    /// What was said last is no line of the timeline.
    pub(super) fn forget_line(&mut self) {
        if self.said.pop().is_some() {
            self.task.observations -= 1;
        }
    }

    fn observe(&mut self, observation: Observation, event: Option<Seq>) {
        self.task.observations += 1;
        self.is_found_by_more |= self.task.projection.observe(observation.clone());
        self.said.push((observation, event));
    }
}

/// The number of the newest task.
pub(super) async fn newest(readers: &SqlitePool) -> Result<i64, StoreError> {
    let newest: Option<i64> = sqlx::query_scalar("select max(id) from task")
        .fetch_one(readers)
        .await?;
    Ok(newest.unwrap_or(0))
}

/// The tasks that a batch is about and that are stored already.
async fn known(readers: &SqlitePool, batch: &[Said]) -> Result<Vec<TaskRecord>, StoreError> {
    let asked: HashSet<&TaskKey> = batch.iter().map(|said| &said.key).collect();
    let lanes: Vec<i64> = asked.iter().map(|key| Lane::of(&key.id).number()).collect();
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        " from jsonb_each(?) j cross join task t indexed by task_by_lane on t.lane = j.value"
    ))
    .bind(json!(lanes).to_string())
    .fetch_all(readers)
    .await?;
    let mut tasks = rows.iter().map(row::read).collect::<Result<Vec<_>, _>>()?;
    // The lane may be another's, too, and two kinds may share an id: then a row comes twice.
    tasks.retain(|task| asked.contains(&task.key));
    tasks.sort_unstable_by_key(|task| task.number);
    tasks.dedup_by_key(|task| task.number);
    Ok(tasks)
}

fn unheard_of(number: i64, key: TaskKey) -> TaskRecord {
    TaskRecord {
        number,
        key,
        projection: Projection::default(),
        observations: 0,
    }
}
