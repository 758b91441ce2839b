//! What was told, and how far looking for the rest has come.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::task::Milestone;
use crate::task::TaskKey;

/// News that was there before we looked for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The task.
    pub key: TaskKey,
    /// How far it had come.
    pub milestone: Milestone,
    /// When we saw it.
    pub at: Timestamp,
}

/// What is told once. What is appended to the log is noted by itself, and checked in the same
/// transaction ([`super::Appended::Told`], [`crate::event::Event::same_as`]).
#[async_trait]
pub trait Ledger: std::fmt::Debug + Send + Sync {
    /// Notes what shall not be told by us any more. A webhook that tells it is told all the same.
    async fn register(&self, seen: &[Registered]) -> Result<(), StoreError>;

    /// When the last look at a place began that was carried through. None: nobody looked yet.
    async fn last_look(&self, place: &str) -> Result<Option<Timestamp>, StoreError>;

    /// Notes that a look at a place, begun at this time, was carried through.
    async fn looked(&self, place: &str, began: Timestamp) -> Result<(), StoreError>;
}
