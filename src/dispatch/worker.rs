//! What happens to one lease, from the line to the store.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::error;
use tracing::warn;

use super::alarm::Alarm;
use super::attempt::Ended;
use super::attempt::attempt;
use super::attempt::discard;
use super::attempt::give_back;
use super::desk::Desk;
use super::line::Place;
use super::pass::Ticket;
use super::report::report;
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
    pub(super) async fn handle(
        self: Arc<Self>,
        desk: Arc<Desk>,
        place: Place,
        ticket: Ticket,
        lease: Lease,
    ) {
        let until = self
            .clock
            .now()
            .saturating_add(self.lease)
            .unwrap_or(Timestamp::MAX);
        let is_probe = ticket.probe().is_some();
        let ended = self.deliver(&desk, place, ticket, &lease, until).await;
        // The connection is free again: the sink need not wait for our disk.
        report(&desk, &lease, &ended);
        let opens = is_probe || ended.turned.is_some() || desk.is_paced();
        self.settle(ended.settle, until).await;
        if opens {
            // The sink was not asked for while its gate was shut.
            self.alarm.forget();
        }
        // What stood behind this one may be due now.
        self.alarm.ring();
    }

    async fn deliver(
        &self,
        desk: &Desk,
        place: Place,
        mut ticket: Ticket,
        lease: &Lease,
        until: Timestamp,
    ) -> Ended {
        if let Some(reason) = self.objection(desk, lease).await {
            return discard(lease, reason, self.clock.now());
        }
        let Some(_connection) = desk.connection().await else {
            return give_back(lease, self.clock.now());
        };
        let _place = desk.keep(place);
        if !ticket.begin(self.clock.now()) {
            return give_back(lease, self.clock.now());
        }
        if desk.is_paced() {
            // When there is room for the next is known from now on.
            self.alarm.forget();
            self.alarm.ring();
        }
        // The machine slept, or its clock was set: somebody else may have it soon.
        if self
            .clock
            .now()
            .saturating_add(desk.settings.timeout)
            .is_ok_and(|end| end > until)
        {
            return give_back(lease, self.clock.now());
        }
        tokio::select! {
            ended = attempt(desk, lease, ticket.probe(), &*self.clock) => ended,
            () = self.hurry.cancelled() => give_back(lease, self.clock.now()),
        }
    }

    /// Why a delivery is not tried at all. Where that cannot be told, it is: better once too often.
    async fn objection(&self, desk: &Desk, lease: &Lease) -> Option<String> {
        let objection = desk.screen.objection(&*self.store, lease, self.clock.now());
        objection.await.unwrap_or_else(|error| {
            warn!(
                delivery.id = %lease.delivery,
                error = %with_causes(&error),
                "Whether a delivery is still wanted cannot be told; it is delivered"
            );
            None
        })
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
