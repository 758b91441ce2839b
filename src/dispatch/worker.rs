//! What happens to leases, from the line to the store.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::alarm::Alarm;
use super::attempt::Ended;
use super::attempt::attempt;
use super::attempt::discard;
use super::attempt::give_back;
use super::batch::Load;
use super::batch::left;
use super::desk::Desk;
use super::line::Place;
use super::pass::Ticket;
use super::report::report;
use super::report::report_discarded;
use super::report::report_lost;
use super::report::report_unsettled;
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
    /// Tries loads one after the other, and records how it went. The ticket is for the first of them;
    /// those behind it ask for leave when it is their turn.
    pub(super) async fn handle(
        self: Arc<Self>,
        desk: Arc<Desk>,
        place: Place,
        ticket: Ticket,
        loads: Vec<Load>,
    ) {
        let until = self
            .clock
            .now()
            .saturating_add(self.lease)
            .unwrap_or(Timestamp::MAX);
        let mut place = Some(place);
        let mut ticket = Some(ticket);
        let mut loads = VecDeque::from(loads);
        while let Some(load) = loads.pop_front() {
            let leave = ticket.take().or_else(|| desk.gate.ticket(self.clock.now()));
            let mut opens = desk.is_paced() || leave.as_ref().is_some_and(Ticket::is_probe);
            let (load, mut settles) = self.screen(&desk, load).await;
            if load.is_empty() {
                drop(leave);
            } else if let Some(ended) = self.tries(&desk, &mut place, leave, &load, until).await {
                report(&desk, &load, &ended);
                opens |= ended.turned.is_some();
                let rest = left(load, ended.settles.len());
                loads.extend((!rest.is_empty()).then_some(rest));
                settles.extend(ended.settles);
            } else {
                let rest = load.iter().chain(loads.iter().flatten());
                settles.extend(rest.map(give_back));
                loads.clear();
            }
            if loads.is_empty() {
                // As the connection is already: the sink need not wait for our disk.
                place.take();
            }
            self.settle(settles, until).await;
            if opens {
                // The sink was not asked for while its gate was shut.
                self.alarm.forget();
            }
            // What stood behind these may be due now.
            self.alarm.ring();
        }
    }

    /// Parts a load into what is tried, and what the store is told of the rest.
    async fn screen(&self, desk: &Desk, load: Load) -> (Load, Vec<Settle>) {
        let mut wanted = Load::with_capacity(load.len());
        let mut settles = Vec::new();
        for lease in load {
            match self.objection(desk, &lease).await {
                Some(reason) => {
                    report_discarded(desk, &lease, &reason);
                    settles.push(discard(&lease, reason));
                }
                None => wanted.push(lease),
            }
        }
        (wanted, settles)
    }

    /// Waits for a connection, and tries. None: that could not begin, or not come to its end.
    async fn tries(
        &self,
        desk: &Desk,
        place: &mut Option<Place>,
        ticket: Option<Ticket>,
        load: &[Lease],
        until: Timestamp,
    ) -> Option<Ended> {
        let mut ticket = ticket?;
        let _connection = desk.connection().await?;
        if !desk.keeps_places() {
            place.take();
        }
        if !ticket.begin(self.clock.now()) {
            return None;
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
            return None;
        }
        tokio::select! {
            ended = attempt(desk, load, ticket.probe(), &*self.clock) => Some(ended),
            () = self.hurry.cancelled() => None,
        }
    }

    /// Why a delivery is not tried at all. Where that cannot be told, it is: better once too often.
    async fn objection(&self, desk: &Desk, lease: &Lease) -> Option<String> {
        let objection = desk.screen.objection(&*self.store, lease);
        objection.await.unwrap_or_else(|error| {
            warn!(
                delivery.id = %lease.delivery,
                error = %with_causes(&error),
                "Whether a delivery is still wanted cannot be told; it is delivered"
            );
            None
        })
    }

    /// Tells the store, for as long as the leases are held: a result that is lost means that the
    /// event is delivered again.
    async fn settle(&self, settles: Vec<Settle>, until: Timestamp) {
        loop {
            let now = self.clock.now();
            match self.store.settle_all(settles.clone(), now).await {
                Ok(held) => {
                    report_lost(&settles, &held);
                    break;
                }
                Err(error) if now >= until || self.hurry.is_cancelled() => {
                    report_unsettled(&settles, &error);
                    break;
                }
                Err(_) => tokio::select! {
                    () = sleep(SETTLE_PAUSE) => {}
                    () = self.hurry.cancelled() => {}
                },
            }
        }
        for settle in &settles {
            if let Settlement::Retry(at) = settle.settlement {
                self.alarm.set(at);
            }
        }
    }
}
