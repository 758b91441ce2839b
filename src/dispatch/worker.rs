//! What happens to one lease, from the line to the store.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use tracing::error;
use tracing::warn;

use super::alarm::Alarm;
use super::attempt::attempt;
use super::attempt::give_back;
use super::desk::Desk;
use super::line::Place;
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::delivery::Lease;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::store::Store;

/// How long to wait before a result is offered to a failing store again.
const SETTLE_PAUSE: Duration = Duration::from_millis(500);

/// What every try needs.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) alarm: Arc<Alarm>,
    /// Tells every try to stop where it is.
    pub(super) hurry: CancellationToken,
    /// How long a lease lasts.
    pub(super) lease: SignedDuration,
}

impl Worker {
    /// Waits for a connection, tries, and records how it went.
    pub(super) async fn handle(self: Arc<Self>, desk: Arc<Desk>, place: Place, lease: Lease) {
        let until = self
            .clock
            .now()
            .saturating_add(self.lease)
            .unwrap_or(Timestamp::MAX);
        let settle = self.deliver(&desk, place, &lease, until).await;
        // The connection is free again: the sink need not wait for our disk.
        report(&desk, &lease, &settle);
        self.settle(settle, until).await;
        // What stood behind this one may be due now.
        self.alarm.ring();
    }

    async fn deliver(&self, desk: &Desk, place: Place, lease: &Lease, until: Timestamp) -> Settle {
        let Some(_connection) = desk.connection().await else {
            return give_back(lease);
        };
        drop(place);
        if !desk.gate.is_open() {
            return give_back(lease);
        }
        // The machine slept, or its clock was set: somebody else may have it soon.
        if self
            .clock
            .now()
            .saturating_add(desk.settings.timeout)
            .is_ok_and(|end| end > until)
        {
            return give_back(lease);
        }
        tokio::select! {
            settle = attempt(desk, lease, &*self.clock) => settle,
            () = self.hurry.cancelled() => give_back(lease),
        }
    }

    /// Tells the store, for as long as the lease is held: a result that is lost means that the
    /// event is delivered again.
    async fn settle(&self, settle: Settle, until: Timestamp) {
        let id = settle.delivery;
        loop {
            let now = self.clock.now();
            match self.store.settle(settle.clone(), now).await {
                Ok(true) => break,
                Ok(false) => {
                    warn!(delivery.id = %id, "The lease had run out before the result was there");
                    break;
                }
                Err(error) if now >= until || self.hurry.is_cancelled() => {
                    error!(
                        delivery.id = %id,
                        error = %with_causes(&error),
                        "The result of a delivery could not be stored; it is delivered again"
                    );
                    break;
                }
                Err(_) => tokio::select! {
                    () = sleep(SETTLE_PAUSE) => {}
                    () = self.hurry.cancelled() => {}
                },
            }
        }
        if let Settlement::Retry(at) = settle.settlement {
            self.alarm.set(at);
        }
    }
}

/// Tells the log how a try went.
fn report(desk: &Desk, lease: &Lease, settle: &Settle) {
    let Some(attempt) = &settle.attempt else {
        return;
    };
    let sink = &desk.settings.name;
    let event = lease.event.id;
    let error = attempt.error.as_deref().unwrap_or_default();
    match &settle.settlement {
        Settlement::Delivered | Settlement::GivenBack | Settlement::Discarded(_) => debug!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt.number,
            "Sink `{sink}` took event {event}"
        ),
        Settlement::Retry(at) => warn!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt.number,
            retry_in_ms = at.duration_since(attempt.started_at).as_millis(),
            error,
            "Sink `{sink}` did not take event {event}; trying again"
        ),
        Settlement::Dead(reason) => error!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt.number,
            error,
            "Sink `{sink}` will not get event {event}: {reason}"
        ),
    }
}
