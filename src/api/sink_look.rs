//! What is looked at where a question is about a sink and an event.

use std::sync::Arc;

use axum::extract::FromRef;

use super::error::ApiError;
use super::events::find;
use super::sinks::entry;
use super::state::ApiState;
use super::state::SinkEntry;
use crate::event::Event;
use crate::event::EventId;
use crate::name::SinkName;
use crate::routing::Route;
use crate::routing::Routes;
use crate::store::DeliveryQueue;
use crate::store::Enrichments;
use crate::store::EventLog;

/// The sinks that are configured, and what each wants.
#[derive(Debug)]
pub(super) struct Configured {
    entries: Arc<[SinkEntry]>,
    routes: Arc<Routes>,
}

impl Configured {
    pub(super) fn find(&self, name: &SinkName) -> Result<(&SinkEntry, &Route), ApiError> {
        let found = entry(&self.entries, name).zip(self.routes.to(name));
        found.ok_or_else(|| ApiError::unknown(name))
    }
}

impl FromRef<ApiState> for Configured {
    fn from_ref(state: &ApiState) -> Self {
        Self {
            entries: FromRef::from_ref(state),
            routes: FromRef::from_ref(state),
        }
    }
}

/// What is kept of events that came.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) queue: Arc<dyn DeliveryQueue>,
    pub(super) enrichments: Arc<dyn Enrichments>,
}

impl Kept {
    pub(super) async fn event(&self, id: EventId) -> Result<Event, ApiError> {
        Ok(find(&*self.log, id).await?.event)
    }
}

impl FromRef<ApiState> for Kept {
    fn from_ref(state: &ApiState) -> Self {
        Self {
            log: FromRef::from_ref(state),
            queue: FromRef::from_ref(state),
            enrichments: FromRef::from_ref(state),
        }
    }
}
