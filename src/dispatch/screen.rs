//! What is decided about a delivery before its first try.

use std::sync::Arc;

use tracing::warn;

use super::desk::SinkSettings;
use crate::delivery::Lease;
use crate::event::Event;
use crate::routing::TaskFilter;
use crate::sinks::Sink;
use crate::store::Store;
use crate::store::StoreError;
use crate::task::TaskKey;

/// How many events about a task are looked at, the newest first. The newest alone decides nearly
/// always, and what a longer look would find is delivered late, which harms nobody.
const EVENTS: usize = 50;

/// What becomes of a status that was overtaken before it could be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Superseded {
    /// It is delivered all the same.
    #[default]
    Deliver,
    /// It is discarded.
    Skip,
}

/// Decides whether a delivery still makes sense for a sink.
///
/// Only before the first try: what was tried may have arrived. And never for what somebody asked for
/// once more. What the sink cannot be sent at all, or is nothing for it, it is never sent, though.
#[derive(Debug)]
pub(super) struct Screen {
    sink: Arc<dyn Sink>,
    only_received: bool,
    superseded: Superseded,
    task_filter: Option<TaskFilter>,
}

impl Screen {
    /// The screen of a sink.
    pub(super) fn of(settings: &SinkSettings, sink: Arc<dyn Sink>) -> Self {
        Self {
            sink,
            only_received: settings.only_received,
            superseded: settings.superseded,
            task_filter: settings.task_filter.clone(),
        }
    }

    /// Why a delivery is discarded instead of tried; none: it is tried.
    pub(super) async fn objection(
        &self,
        store: &dyn Store,
        lease: &Lease,
    ) -> Result<Option<String>, StoreError> {
        // It is owed where somebody asked for it by name, or where the sink was another before.
        if self.only_received && !lease.event.origin.is_received() {
            return Ok(Some("not received".to_owned()));
        }
        let enrichment = lease.enrichment.as_ref();
        if let Some(reason) = self.sink.objection(&lease.event, enrichment) {
            return Ok(Some(reason.to_owned()));
        }
        if lease.attempts > 0 || lease.replay {
            return Ok(None);
        }
        if !self.wants(lease) {
            return Ok(Some("filtered".to_owned()));
        }
        if self.superseded == Superseded::Skip && was_overtaken(store, &lease.event).await? {
            return Ok(Some("superseded".to_owned()));
        }
        Ok(None)
    }

    /// Whether the sink wants an event once it is known what came of the task. A condition that
    /// cannot be answered lets it through.
    fn wants(&self, lease: &Lease) -> bool {
        let (Some(filter), Some(enrichment)) = (&self.task_filter, &lease.enrichment) else {
            return true;
        };
        let wanted = filter.lets_through(&lease.event, enrichment);
        wanted.unwrap_or_else(|error| {
            let (event, sink) = (lease.event.id, &lease.sink);
            warn!(
                event.id = %event,
                sink.name = %sink,
                delivery.id = %lease.delivery,
                error = %error,
                "`filter.task` of sink `{sink}` failed on event {event}, which is let through"
            );
            true
        })
    }
}

/// Whether a later status of its task is stored.
async fn was_overtaken(store: &dyn Store, event: &Event) -> Result<bool, StoreError> {
    // Nobody is ever kept from hearing of an end.
    let weight = weight(event).filter(|_| !ends(event));
    let (Some(weight), Some(task)) = (weight, TaskKey::of(&event.facts)) else {
        return Ok(false);
    };
    let others = store.events_about(&task, EVENTS).await?;
    Ok(others
        .iter()
        .any(|other| self::weight(other) > Some(weight)))
}

/// Of two statuses of a task, the one further along its life counts, and then the one that came
/// later. None: it tells no status.
fn weight(event: &Event) -> Option<(u8, i64)> {
    let state = event.facts.state()?;
    Some((state.rank(), event.seq))
}

fn ends(event: &Event) -> bool {
    event.facts.state().is_some_and(|state| state.ended())
}
