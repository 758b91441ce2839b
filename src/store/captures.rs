//! What is kept of the files that tasks left behind.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;

use super::Page;
use super::StoreError;
use crate::task::FileKind;
use crate::task::TaskKey;

/// A task that has ended, and whose files are to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCapture {
    /// The task's number.
    pub task: i64,
    /// The task.
    pub key: TaskKey,
    /// When it ended, as far as anybody told.
    pub ended_at: Timestamp,
    /// When its files are fetched, first or again.
    pub due_at: Timestamp,
    /// How often that failed.
    pub failures: u32,
}

/// How far keeping the files of a task has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// When the task ended, as far as anybody told.
    pub ended_at: Timestamp,
    /// When its files are fetched, first or again. None: that is over.
    pub due_at: Option<Timestamp>,
    /// How often that failed.
    pub failures: u32,
    /// Why it failed the last time. Where it is over: why not all could be had.
    pub reason: Option<Box<str>>,
    /// The files whose fate is decided, by their kind and number.
    pub files: Vec<TaskFile>,
}

/// A file that a task left behind, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFile {
    /// What it is.
    pub kind: FileKind,
    /// Its place among those of its kind, from 1.
    pub number: u32,
    /// What the vendor asks for it by.
    pub vendor_id: Box<str>,
    /// Its name. No path is made of it.
    pub name: Box<str>,
    /// Its type, as whoever kept it before said.
    pub content_type: Option<Box<str>>,
    /// When its fate was decided.
    pub at: Timestamp,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is kept.
    Kept(Content),
    /// It is not, for this reason.
    Skipped(Box<str>),
}

/// The content of a file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Where it is in the folder.
    pub path: Box<str>,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What trying to keep the files of a task came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Captured {
    /// The fate of each is decided.
    All,
    /// Some failed, and are tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why.
        reason: Box<str>,
    },
    /// Some failed, and cannot be had any more.
    Lost {
        /// Why.
        reason: Box<str>,
    },
}

impl TaskFile {
    /// Its content, if it is kept.
    #[must_use]
    pub fn content(&self) -> Option<&Content> {
        match &self.fate {
            Fate::Kept(content) => Some(content),
            Fate::Skipped(_) => None,
        }
    }
}

/// The files of ended tasks that are copied before the vendor forgets them. Nothing is written here
/// unless somebody asks for what has ended.
#[async_trait]
pub trait Captures: std::fmt::Debug + Send + Sync {
    /// Reads on in the log from where the last step ended, at most `limit` events, and notes the
    /// tasks whose end they tell: each once, due so long `after` we learned of it. What we learned
    /// before `since` is passed over. Says whether the log is read as far as it was followed.
    async fn note_ends(
        &self,
        since: Timestamp,
        after: SignedDuration,
        limit: usize,
    ) -> Result<bool, StoreError>;

    /// The tasks whose files are to be kept, the most urgent first, at most so many.
    async fn open_captures(&self, limit: usize) -> Result<Vec<OpenCapture>, StoreError>;

    /// Decides the fate of a file of a task that was noted, or decides it anew.
    async fn decide_file(&self, task: i64, file: TaskFile) -> Result<(), StoreError>;

    /// Notes what trying to keep the files of a task came to.
    async fn settle_capture(&self, task: i64, captured: Captured) -> Result<(), StoreError>;

    /// How far keeping the files of the task with this number has come. None: it was not noted.
    async fn capture(&self, task: i64) -> Result<Option<Capture>, StoreError>;

    /// How many bytes are kept in all.
    async fn kept_bytes(&self) -> Result<u64, StoreError>;

    /// What is kept of at most so many tasks, and where to go on `after` them.
    async fn kept_contents(
        &self,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Content>, StoreError>;
}
