//! What is known of the task an event is about.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::File;
use super::clean::line;
use crate::task::Enrichment;

/// What is known of the task, as it is sent to other sinks, too. Nothing of it need be there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Task {
    /// What it was told to do.
    #[serde(rename = "task")]
    pub(super) wish: Option<String>,
    pub(super) output: Option<String>,
    pub(super) output_unavailable: Option<String>,
    pub(super) error: Option<String>,
    pub(super) outcome: Option<String>,
    pub(super) cost: Option<String>,
    pub(super) metadata: Option<Box<RawValue>>,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    pub(super) files: Vec<File>,
}

/// A file as other sinks are told of it.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    name: String,
    url: String,
}

impl Task {
    /// What is sent of the task with an event.
    pub(super) fn of(enrichment: Option<&Enrichment>) -> Self {
        let json = enrichment.and_then(|enrichment| enrichment.task.as_deref());
        let told = json.and_then(|json| serde_json::from_str(json.get()).ok());
        told.unwrap_or_default()
    }

    /// How long it took.
    pub(super) fn took(&self) -> Option<SignedDuration> {
        let began = self.started_at.or(self.created_at)?;
        Some(self.finished_at?.duration_since(began)).filter(SignedDuration::is_positive)
    }
}

impl From<Link> for File {
    /// A link that is no whole address leads nowhere from a chat or a mail.
    fn from(link: Link) -> Self {
        let is_whole = link.url.starts_with("https://") || link.url.starts_with("http://");
        let name = Some(line(&link.name)).filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or_else(|| "a file".to_owned()),
            url: is_whole.then_some(link.url),
        }
    }
}
