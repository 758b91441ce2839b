//! What is looked up before an event is sent.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::event::Event;
use crate::event::Seq;
use crate::task::Enrichment;

/// An event whose task is asked for before it is sent.
#[derive(Clone, Debug)]
pub struct OpenEnrichment {
    /// The event.
    pub event: Arc<Event>,
    /// When it goes out without the task.
    pub until: Timestamp,
}

/// What is sent of a task with an event.
#[derive(Clone, Debug)]
pub struct SentWith {
    /// What it is, or would be now.
    pub enrichment: Enrichment,
    /// Whether it stays so; else it is asked for still.
    pub is_decided: bool,
}

/// What is sent of tasks with events. An append opens one ([`crate::routing::Owed::enrich`]), and
/// the deliveries that want it are not due before it is decided, or its time is up.
#[async_trait]
pub trait Enrichments: std::fmt::Debug + Send + Sync {
    /// Those that are not decided, the most urgent first, at most so many.
    async fn open_enrichments(&self, limit: usize) -> Result<Vec<OpenEnrichment>, StoreError>;

    /// What is sent with an event; none: nobody wanted that when it came.
    async fn sent_with(&self, event: Seq) -> Result<Option<SentWith>, StoreError>;

    /// Keeps the best that is known so far: it is sent if nothing better comes in time. What was
    /// decided stays as it is.
    async fn note_enrichment(&self, event: Seq, so_far: Enrichment) -> Result<(), StoreError>;

    /// Decides what is sent with an event, and makes the deliveries due that waited for it. What
    /// was decided before stays as it is.
    async fn decide_enrichment(
        &self,
        event: Seq,
        enrichment: Enrichment,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Decides those whose time is up: what is known of them by now is sent.
    async fn close_enrichments(&self, now: Timestamp) -> Result<(), StoreError>;
}
