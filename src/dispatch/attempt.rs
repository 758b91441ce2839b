//! One try.

use std::any::Any;
use std::future::Future;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;

use anyhow::anyhow;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::time::timeout;

use super::breaker::Probe;
use super::breaker::Turned;
use super::conclusion::Tried;
use super::conclusion::conclude;
use super::desk::Desk;
use crate::clock::Clock;
use crate::delivery::Attempt;
use crate::delivery::Lease;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::period;
use crate::sinks::Batch;
use crate::sinks::Outbound;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// What came of a try.
#[derive(Debug)]
pub(super) struct Ended {
    /// What the store is told of each delivery that it was for, in their order.
    pub(super) settles: Vec<Settle>,
    /// When that was.
    pub(super) at: Timestamp,
    /// What it did to the sink's breaker.
    pub(super) turned: Option<Turned>,
    /// Whether the sink is left alone now.
    pub(super) is_left_alone: bool,
}

/// Tries deliveries once, and says what becomes of them: of the first alone where the sink takes one
/// at a time, else of the first few, as many as fit.
pub(super) async fn attempt(
    desk: &Desk,
    leases: &[Lease],
    probe: Option<Probe>,
    clock: &dyn Clock,
) -> Ended {
    let started_at = clock.now();
    let (count, result) = hand_over(desk, leases, started_at).await;
    let ended_at = clock.now().max(started_at);
    let policy = &desk.settings.retry;
    let turned = match &result {
        Ok(_) | Err(SinkError::Reject { .. }) => desk.gate.answered(),
        Err(SinkError::Retry { after, .. }) => {
            let asked = after.map(|asked| asked.min(policy.longest));
            desk.gate.failed(probe, asked, ended_at)
        }
        // The sink heard nothing.
        Err(SinkError::Unsendable { .. }) => None,
    };
    let is_left_alone = desk.gate.open().is_some();
    // Drawn once: what goes together comes back together.
    let spread = rand::random();
    let conclude = |lease: &Lease| {
        let tried = Tried {
            number: NonZeroU32::MIN.saturating_add(lease.attempts),
            together: count,
            started_at,
            patience_since: lease.patience_since.unwrap_or(started_at),
            ended_at,
            is_left_alone,
        };
        let (attempt, settlement) = conclude(&tried, &result, policy, spread);
        word(lease, Some(attempt), settlement)
    };
    Ended {
        settles: leases.iter().take(count).map(conclude).collect(),
        at: ended_at,
        turned,
        is_left_alone,
    }
}

/// What is said of a delivery that was not tried: it is due again at once.
pub(super) fn give_back(lease: &Lease) -> Settle {
    word(lease, None, Settlement::GivenBack)
}

/// What is said of a delivery that is not to be tried.
pub(super) fn discard(lease: &Lease, reason: String) -> Settle {
    word(lease, None, Settlement::Discarded(reason))
}

fn word(lease: &Lease, attempt: Option<Attempt>, settlement: Settlement) -> Settle {
    Settle {
        delivery: lease.delivery,
        fence: lease.fence,
        held_by: lease.held_by,
        attempt,
        settlement,
    }
}

/// Hands over what the sink takes at once, and says how many of them that is.
async fn hand_over(
    desk: &Desk,
    leases: &[Lease],
    now: Timestamp,
) -> (usize, Result<Receipt, SinkError>) {
    let outbound = |lease| Outbound::of(lease, now);
    if let Some(sink) = desk.batching() {
        return match Batch::of_the_first(leases.iter().map(outbound).collect(), now) {
            Ok(batch) => {
                let count = batch.events().len();
                (count, in_time(desk, sink.deliver_batch(&batch)).await)
            }
            Err(cause) => (leases.len(), Err(SinkError::not_now(cause))),
        };
    }
    match leases.first().map(outbound) {
        Some(outbound) => (1, in_time(desk, desk.sink.deliver(&outbound)).await),
        None => (0, Ok(Receipt::default())),
    }
}

/// Waits for the sink's time. A sink that panics has failed like any other: without this its
/// delivery would be leased and lost again and again, and never counted.
async fn in_time(
    desk: &Desk,
    delivering: impl Future<Output = Result<Receipt, SinkError>>,
) -> Result<Receipt, SinkError> {
    let limit = desk.settings.timeout;
    match timeout(limit, AssertUnwindSafe(delivering).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(SinkError::not_now(anyhow!(
            "the sink failed inside Tidings: {}",
            message(&*panic)
        ))),
        Err(_) => Err(SinkError::not_now(anyhow!(
            "no answer within {}",
            period::text(limit)
        ))),
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
