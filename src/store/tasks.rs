//! What is known of tasks.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::KeptReport;
use super::Page;
use super::Reported;
use super::Slice;
use super::StoreError;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Seq;
use crate::task::Observation;
use crate::task::Projection;
use crate::task::TaskKey;
use crate::task::TaskState;

/// A task and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    /// Its place in the order in which tasks were first heard of. Cursors count in it.
    pub number: i64,
    /// What it is known by.
    pub key: TaskKey,
    /// Where it stands.
    pub projection: Projection,
    /// How many observations its timeline has.
    pub observations: u64,
}

impl TaskRecord {
    /// Every id that finds it. Others may have the id of its session, too.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let beside = [&self.projection.run_id, &self.projection.session_id];
        std::iter::once(&*self.key.id).chain(beside.into_iter().flatten().map(|id| &**id))
    }
}

/// A line of a task's timeline.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    /// Its place in the order in which we learned, from 1.
    pub number: i64,
    /// What was said. Of ids and metadata nothing where the event is no longer kept.
    pub observation: Observation,
    /// The event that said it; none where none did, or where it is no longer kept.
    pub event: Option<EventId>,
}

/// Which tasks to list. Every part that is given must hold; of several values one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskFilter {
    /// Any of these states.
    pub states: Vec<TaskState>,
    /// Whether they have ended.
    pub ended: Option<bool>,
    /// In any of these sessions.
    pub session_ids: Vec<String>,
    /// Metadata that a task must have, as strings.
    pub metadata: BTreeMap<String, Vec<String>>,
    /// First heard of at or after this.
    pub since: Option<Timestamp>,
    /// First heard of before this.
    pub until: Option<Timestamp>,
}

/// What a step behind the log came to.
#[derive(Debug)]
pub struct Followed {
    /// The tasks that were observed, as they stand now.
    pub heard_of: Vec<TaskRecord>,
    /// How far the log is read.
    pub through: Seq,
    /// Whether that was its end.
    pub caught_up: bool,
}

/// How far folding everything anew has come. It begins with the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuild {
    /// How far the log was read for what was never observed.
    pub events_read: Seq,
    /// How far that goes.
    pub events: Seq,
    /// How far the tasks were folded.
    pub tasks_folded: i64,
    /// How far that goes.
    pub tasks: i64,
    /// How many observations were missing.
    pub added: u64,
    /// How many tasks stood otherwise than their observations say.
    pub mended: u64,
    /// Whether nothing is left to do.
    pub is_done: bool,
}

/// What is known of tasks: observations, and what they fold to.
#[async_trait]
pub trait TaskBook: std::fmt::Debug + Send + Sync {
    /// Reads on in the log from where the last step ended, at most `limit` events, and observes
    /// what they say. Each event is observed once, whoever follows and whatever was interrupted.
    async fn follow(&self, limit: usize) -> Result<Followed, StoreError>;

    /// Observes what no event says. Returns the tasks that were observed, as they stand now.
    async fn observe(
        &self,
        observations: Vec<(TaskKey, Observation)>,
    ) -> Result<Vec<TaskRecord>, StoreError>;

    /// Keeps what the Cloud API said of a task, and observes it, in one transaction. A report that
    /// is older than the one kept is observed only; one that says the same of how the task stands
    /// takes its place, and is no new line of the timeline.
    async fn keep_report(&self, told: KeptReport) -> Result<Reported, StoreError>;

    /// What the Cloud API said of the task with this key last. Long texts are cut.
    async fn report(&self, key: &TaskKey) -> Result<Option<KeptReport>, StoreError>;

    /// The task with this id, else the newest that has a run or a session with it.
    async fn task(&self, name: &str) -> Result<Option<TaskRecord>, StoreError>;

    /// A stretch of the tasks that a filter lets through, in the order in which they were first
    /// heard of.
    async fn tasks(
        &self,
        filter: &TaskFilter,
        slice: Slice,
    ) -> Result<Page<TaskRecord>, StoreError>;

    /// A stretch of what was said about a task, by its number.
    async fn timeline(&self, task: i64, slice: Slice) -> Result<Page<TimelineEntry>, StoreError>;

    /// The newest events about a task, newest first, at most so many. They are the log's: whoever
    /// follows it may not have come so far.
    async fn events_about(
        &self,
        task: &TaskKey,
        limit: usize,
    ) -> Result<Vec<Arc<Event>>, StoreError>;

    /// Takes one more step in folding everything anew: at most `limit` events, or tasks. Readers
    /// see each task as it was or as it is, and nothing in between.
    async fn rebuild(&self, so_far: Rebuild, limit: usize) -> Result<Rebuild, StoreError>;
}
