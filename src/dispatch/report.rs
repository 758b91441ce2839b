//! What the log is told of tries.

use std::time::Duration;

use jiff::Timestamp;
use tracing::debug;
use tracing::error;
use tracing::info;
use tracing::warn;

use super::attempt::Ended;
use super::breaker::Turned;
use super::desk::Desk;
use crate::causes::with_causes;
use crate::delivery::Lease;
use crate::delivery::Outcome;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::period;
use crate::store::StoreError;

/// Tells the log how a try went. Of a sink that is left alone it is told once, and not with each
/// try that fails; of several deliveries that went together it is told once, too, but for those that
/// are given up.
pub(super) fn report(desk: &Desk, leases: &[Lease], ended: &Ended) {
    let tried = || leases.iter().zip(&ended.settles);
    let (dead, others): (Vec<_>, Vec<_>) =
        tried().partition(|(_, settle)| matches!(settle.settlement, Settlement::Dead(_)));
    for (lease, settle) in dead {
        report_dead(desk, lease, settle);
    }
    match &*others {
        [] => {}
        [(lease, settle)] => report_one(desk, lease, settle, ended),
        [(_, settle), ..] => report_batch(desk, others.len(), settle, ended),
    }
    if let (Some(turned), Some(settle)) = (ended.turned, ended.settles.first()) {
        report_turn(desk, turned, ended, error(settle));
    }
}

/// Tells the log that a delivery is not tried.
pub(super) fn report_discarded(desk: &Desk, lease: &Lease, reason: &str) {
    let (sink, event) = (&desk.settings.name, lease.event.id);
    debug!(
        event.id = %event,
        sink.name = %sink,
        delivery.id = %lease.delivery,
        "Event {event} is not sent to sink `{sink}`: {reason}"
    );
}

/// Tells the log which leases were no longer held when their results came.
pub(super) fn report_lost(settles: &[Settle], held: &[bool]) {
    let lost = settles.iter().zip(held).filter(|(_, held)| !**held);
    for (settle, _) in lost {
        warn!(
            delivery.id = %settle.delivery,
            "The lease had run out before the result was there"
        );
    }
}

/// Tells the log that the store does not take results.
pub(super) fn report_unsettled(settles: &[Settle], failure: &StoreError) {
    for settle in settles {
        error!(
            delivery.id = %settle.delivery,
            error = %with_causes(failure),
            "The result of a delivery could not be stored; it is delivered again"
        );
    }
}

fn report_one(desk: &Desk, lease: &Lease, settle: &Settle, ended: &Ended) {
    let (sink, event) = (&desk.settings.name, lease.event.id);
    let attempt = lease.attempts.saturating_add(1);
    match &settle.settlement {
        Settlement::Retry(_) if ended.is_left_alone => debug!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt,
            error = error(settle),
            "Sink `{sink}` did not take event {event}, and is left alone"
        ),
        Settlement::Retry(at) => warn!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt,
            retry_in_ms = at.duration_since(began(settle)).as_millis(),
            error = error(settle),
            "Sink `{sink}` did not take event {event}; trying again"
        ),
        _ => debug!(
            event.id = %event,
            sink.name = %sink,
            delivery.id = %lease.delivery,
            attempt.number = attempt,
            "Sink `{sink}` took event {event}"
        ),
    }
}

/// The same of so many at once, told by the first of them.
fn report_batch(desk: &Desk, count: usize, first: &Settle, ended: &Ended) {
    let sink = &desk.settings.name;
    match &first.settlement {
        Settlement::Retry(_) if was_refused(first) => warn!(
            sink.name = %sink,
            delivery.count = count,
            error = error(first),
            "Sink `{sink}` refused a batch of {count} events; trying each alone"
        ),
        Settlement::Retry(_) if ended.is_left_alone => debug!(
            sink.name = %sink,
            delivery.count = count,
            error = error(first),
            "Sink `{sink}` did not take a batch of {count} events, and is left alone"
        ),
        Settlement::Retry(at) => warn!(
            sink.name = %sink,
            delivery.count = count,
            retry_in_ms = at.duration_since(began(first)).as_millis(),
            error = error(first),
            "Sink `{sink}` did not take a batch of {count} events; trying again"
        ),
        _ => debug!(
            sink.name = %sink,
            delivery.count = count,
            "Sink `{sink}` took a batch of {count} events"
        ),
    }
}

fn report_dead(desk: &Desk, lease: &Lease, settle: &Settle) {
    let Settlement::Dead(reason) = &settle.settlement else {
        return;
    };
    let (sink, event) = (&desk.settings.name, lease.event.id);
    error!(
        event.id = %event,
        sink.name = %sink,
        delivery.id = %lease.delivery,
        attempt.number = lease.attempts.saturating_add(1),
        error = error(settle),
        "Sink `{sink}` will not get event {event}: {reason}"
    );
}

fn error(settle: &Settle) -> &str {
    let attempt = settle.attempt.as_ref();
    attempt
        .and_then(|attempt| attempt.error.as_deref())
        .unwrap_or_default()
}

fn was_refused(settle: &Settle) -> bool {
    let attempt = settle.attempt.as_ref();
    attempt.is_some_and(|attempt| attempt.outcome == Outcome::Refused)
}

/// When a try began.
fn began(settle: &Settle) -> Timestamp {
    let attempt = settle.attempt.as_ref();
    attempt.map_or(Timestamp::MIN, |attempt| attempt.started_at)
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
