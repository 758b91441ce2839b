//! Where runs take place: a browser that may outlive them.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::Api;

/// A browser with an agent. Every run has one, whether the version of its API shows it or not.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) api: Api,
    pub(crate) created_at: Timestamp,
    /// When somebody stopped it.
    pub(crate) stopped_at: Option<Timestamp>,
    /// What its public address ends with, if it has one.
    pub(crate) share: Option<Uuid>,
    pub(crate) settings: SessionSettings,
    /// Where the files of a v4 session are.
    pub(crate) workspace_id: Uuid,
}

impl Session {
    /// Whether it waits for another task when one has ended.
    pub(crate) fn keeps_alive(&self) -> bool {
        self.settings.keep_alive && self.stopped_at.is_none()
    }
}

/// What was asked of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionSettings {
    /// Whether it waits for another task when one has ended.
    pub(crate) keep_alive: bool,
    pub(crate) persist_memory: bool,
    pub(crate) is_recorded: bool,
    pub(crate) model: String,
    pub(crate) profile_id: Option<Uuid>,
    pub(crate) workspace_id: Option<Uuid>,
    pub(crate) proxy: Option<String>,
    pub(crate) max_cost: Option<String>,
    pub(crate) output_schema: Option<Value>,
}
