//! What the log is told of tries.

use std::time::Duration;

use tracing::debug;
use tracing::error;
use tracing::info;
use tracing::warn;

use super::attempt::Ended;
use super::breaker::Turned;
use super::desk::Desk;
use crate::delivery::Lease;
use crate::delivery::Settlement;
use crate::period;

/// Tells the log how a try went. Of a sink that is left alone it is told once, and not with each
/// try that fails.
pub(super) fn report(desk: &Desk, lease: &Lease, ended: &Ended) {
    let sink = &desk.settings.name;
    let event = lease.event.id;
    let Some(attempt) = &ended.settle.attempt else {
        if let Settlement::Discarded(reason) = &ended.settle.settlement {
            debug!(
                event.id = %event,
                sink.name = %sink,
                delivery.id = %lease.delivery,
                "Event {event} is not sent to sink `{sink}`: {reason}"
            );
        }
        return;
    };
    let error = attempt.error.as_deref().unwrap_or_default();
    match &ended.settle.settlement {
        Settlement::Delivered | Settlement::GivenBack | Settlement::Discarded(_) => debug!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt.number,
            "Sink `{sink}` took event {event}"
        ),
        Settlement::Retry(_) if ended.is_left_alone => debug!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt.number,
            error,
            "Sink `{sink}` did not take event {event}, and is left alone"
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
    if let Some(turned) = ended.turned {
        report_turn(desk, turned, ended, error);
    }
}

/// Tells the log that a breaker opened, stays open, or closed.
fn report_turn(desk: &Desk, turned: Turned, ended: &Ended, error: &str) {
    let sink = &desk.settings.name;
    match turned {
        Turned::Opened(until) => warn!(
            sink.name = %sink,
            retry_in_ms = until.duration_since(ended.at).as_millis(),
            error,
            "Sink `{sink}` failed {} times in a row: it is left alone, but for a probe now and then",
            desk.settings.breaker.failures
        ),
        Turned::StaysOpen(until) => debug!(
            sink.name = %sink,
            retry_in_ms = until.duration_since(ended.at).as_millis(),
            error,
            "Sink `{sink}` still fails"
        ),
        Turned::Closed(since) => info!(
            sink.name = %sink,
            "Sink `{sink}` answers again, after {}",
            period::rough(Duration::try_from(ended.at.duration_since(since)).unwrap_or_default())
        ),
    }
}
