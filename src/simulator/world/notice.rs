//! What is to be told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::Api;
use super::News;
use super::Run;
use super::Session;

/// Something that has happened to a run, or to a session in which nothing runs, to be told.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The run's id; where there is none, the session's.
    pub(crate) id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) api: Api,
    /// When the run began, or else the session.
    pub(crate) created_at: Timestamp,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) news: News,
    pub(crate) at: Timestamp,
    /// Whether the session waits for another task.
    pub(crate) keeps_alive: bool,
}

impl Notice {
    pub(super) fn of_run(run: &Run, session: Option<&Session>, news: News, at: Timestamp) -> Self {
        Self {
            id: run.id,
            session_id: run.session_id,
            api: run.api,
            created_at: run.created_at,
            metadata: run.assignment.metadata.clone().unwrap_or_default(),
            news,
            at,
            keeps_alive: session.is_some_and(Session::keeps_alive),
        }
    }

    pub(super) fn of_session(session: &Session, news: News, at: Timestamp) -> Self {
        Self {
            id: session.id,
            session_id: session.id,
            api: session.api,
            created_at: session.created_at,
            metadata: BTreeMap::new(),
            news,
            at,
            keeps_alive: session.keeps_alive(),
        }
    }
}
