//! One try, and what follows from it.

use std::any::Any;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::anyhow;
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::timeout;

use super::backoff::RetryPolicy;
use super::breaker::Probe;
use super::breaker::Turned;
use super::desk::Desk;
use crate::clock::Clock;
use crate::delivery::Attempt;
use crate::delivery::Lease;
use crate::delivery::Outcome;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::period;
use crate::sinks::Outbound;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// How much of an error is kept, in bytes. A line says enough, and rows stay small.
const ERROR_LIMIT: usize = 500;

/// What came of a lease.
#[derive(Debug)]
pub(super) struct Ended {
    /// What the store is told.
    pub(super) settle: Settle,
    /// When that was.
    pub(super) at: Timestamp,
    /// What it did to the sink's breaker.
    pub(super) turned: Option<Turned>,
    /// Whether the sink is left alone now.
    pub(super) is_left_alone: bool,
}

/// Tries a delivery once, and says what becomes of it.
pub(super) async fn attempt(
    desk: &Desk,
    lease: &Lease,
    probe: Option<Probe>,
    clock: &dyn Clock,
) -> Ended {
    let started_at = clock.now();
    let number = NonZeroU32::MIN.saturating_add(lease.attempts);
    let result = send(desk, &Outbound::of(lease, started_at)).await;
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
    let tried = Tried {
        number,
        started_at,
        patience_since: lease.patience_since.unwrap_or(started_at),
        ended_at,
        is_left_alone: desk.gate.open().is_some(),
    };
    let (attempt, settlement) = conclude(&tried, result, policy, rand::random());
    Ended {
        settle: Settle {
            delivery: lease.delivery,
            fence: lease.fence,
            held_by: lease.held_by,
            attempt: Some(attempt),
            settlement,
        },
        at: ended_at,
        turned,
        is_left_alone: tried.is_left_alone,
    }
}

/// What is said of a delivery that was not tried: it is due again at once.
pub(super) fn give_back(lease: &Lease, now: Timestamp) -> Ended {
    untried(lease, Settlement::GivenBack, now)
}

/// What is said of a delivery that is not to be tried.
pub(super) fn discard(lease: &Lease, reason: String, now: Timestamp) -> Ended {
    untried(lease, Settlement::Discarded(reason), now)
}

fn untried(lease: &Lease, settlement: Settlement, now: Timestamp) -> Ended {
    Ended {
        settle: Settle {
            delivery: lease.delivery,
            fence: lease.fence,
            held_by: lease.held_by,
            attempt: None,
            settlement,
        },
        at: now,
        turned: None,
        is_left_alone: false,
    }
}

/// Hands over within the sink's time. A sink that panics has failed like any other: without this
/// its delivery would be leased and lost again and again, and never counted.
async fn send(desk: &Desk, outbound: &Outbound) -> Result<Receipt, SinkError> {
    let limit = desk.settings.timeout;
    let delivering = AssertUnwindSafe(desk.sink.deliver(outbound)).catch_unwind();
    match timeout(limit, delivering).await {
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

/// What is known of a try beside its result.
struct Tried {
    number: NonZeroU32,
    started_at: Timestamp,
    /// Since when the give-up clock runs.
    patience_since: Timestamp,
    ended_at: Timestamp,
    /// Whether the sink's breaker is open after it.
    is_left_alone: bool,
}

/// What is recorded of a try, and what becomes of the delivery. `spread` is drawn by the caller,
/// from 0.0 to 1.0.
fn conclude(
    tried: &Tried,
    result: Result<Receipt, SinkError>,
    policy: &RetryPolicy,
    spread: f64,
) -> (Attempt, Settlement) {
    let (outcome, receipt, error, settlement) = match result {
        Ok(receipt) => (Outcome::Delivered, receipt, None, Settlement::Delivered),
        Err(SinkError::Reject { cause, receipt }) => {
            let error = line(&cause);
            let reason = format!("refused: {error}");
            (
                Outcome::Refused,
                receipt,
                Some(error),
                Settlement::Dead(reason),
            )
        }
        Err(SinkError::Unsendable { cause }) => {
            let error = line(&cause);
            let reason = format!("cannot be sent: {error}");
            (
                Outcome::Refused,
                Receipt::default(),
                Some(error),
                Settlement::Dead(reason),
            )
        }
        Err(SinkError::Retry {
            after,
            cause,
            receipt,
        }) => {
            let error = line(&cause);
            let settlement = after_failure(tried, &error, policy, after, spread);
            (Outcome::Failed, receipt, Some(error), settlement)
        }
    };
    let attempt = Attempt {
        number: tried.number,
        started_at: tried.started_at,
        duration: tried.ended_at.duration_since(tried.started_at),
        outcome,
        status: receipt.status,
        error,
        answer: receipt.answer,
    };
    (attempt, settlement)
}

/// Another try later, or the end of our patience.
fn after_failure(
    tried: &Tried,
    error: &str,
    policy: &RetryPolicy,
    asked: Option<Duration>,
    spread: f64,
) -> Settlement {
    if policy.gives_up(tried.patience_since, tried.ended_at) {
        let count = match tried.number.get() {
            1 => "1 try".to_owned(),
            more => format!("{more} tries"),
        };
        let patience = period::text(policy.give_up_after);
        return Settlement::Dead(format!("given up after {count} in {patience}: {error}"));
    }
    if tried.is_left_alone {
        // The breaker says when the sink is tried again. Put off on top of that, a delivery would
        // keep the probes waiting, and wait itself when the sink is back.
        return Settlement::Retry(tried.ended_at);
    }
    let delay = policy.delay(tried.number, asked, spread);
    let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
    Settlement::Retry(
        tried
            .ended_at
            .saturating_add(delay)
            .unwrap_or(Timestamp::MAX),
    )
}

/// An error with its causes, in one line that is not too long.
fn line(error: &anyhow::Error) -> String {
    let mut text = format!("{error:#}").replace(['\r', '\n'], " ");
    text.truncate(text.floor_char_boundary(ERROR_LIMIT));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(number: u32, seconds_since_first: i64) -> Tried {
        let patience_since = Timestamp::UNIX_EPOCH;
        let started_at = patience_since + SignedDuration::from_secs(seconds_since_first);
        Tried {
            number: NonZeroU32::new(number).unwrap(),
            started_at,
            patience_since,
            ended_at: started_at + SignedDuration::from_millis(250),
            is_left_alone: false,
        }
    }

    fn failure(after: Option<u64>) -> Result<Receipt, SinkError> {
        Err(SinkError::Retry {
            after: after.map(Duration::from_secs),
            cause: anyhow!("answered 503 Service Unavailable"),
            receipt: Receipt {
                status: Some(503),
                answer: Some("busy".to_owned()),
            },
        })
    }

    fn wait(tried: &Tried, result: Result<Receipt, SinkError>) -> SignedDuration {
        let (_, settlement) = conclude(tried, result, &RetryPolicy::default(), 0.0);
        let Settlement::Retry(at) = settlement else {
            panic!("{settlement:?} is not another try");
        };
        at.duration_since(tried.ended_at)
    }

    #[test]
    fn a_failure_is_recorded_with_its_answer_and_tried_again() {
        let tried = tried(2, 5);
        let (attempt, _) = conclude(&tried, failure(None), &RetryPolicy::default(), 0.0);
        let expected = Attempt {
            number: NonZeroU32::new(2).unwrap(),
            started_at: tried.started_at,
            duration: SignedDuration::from_millis(250),
            outcome: Outcome::Failed,
            status: Some(503),
            error: Some("answered 503 Service Unavailable".to_owned()),
            answer: Some("busy".to_owned()),
        };
        assert_eq!(attempt, expected);
        assert_eq!(wait(&tried, failure(None)), SignedDuration::from_secs(10));
    }

    #[test]
    fn a_sink_that_asks_for_time_gets_it_up_to_the_longest_wait() {
        let wait = |asked| wait(&tried(1, 0), failure(Some(asked)));
        assert_eq!(wait(60), SignedDuration::from_secs(60));
        assert_eq!(wait(1), SignedDuration::from_secs(5));
        assert_eq!(wait(u64::MAX), SignedDuration::from_hours(1));
    }

    #[test]
    fn while_the_sink_is_left_alone_its_breaker_says_when_to_go_on() {
        let tried = Tried {
            is_left_alone: true,
            ..tried(12, 3600)
        };
        assert_eq!(wait(&tried, failure(Some(900))), SignedDuration::ZERO);
    }

    #[test]
    fn what_the_sink_refuses_is_dead_at_once() {
        let refusal = Err(SinkError::Reject {
            cause: anyhow!("answered 410 Gone"),
            receipt: Receipt::default(),
        });
        let (attempt, settlement) = conclude(&tried(1, 0), refusal, &RetryPolicy::default(), 0.0);
        assert_eq!(attempt.outcome, Outcome::Refused);
        assert_eq!(
            settlement,
            Settlement::Dead("refused: answered 410 Gone".to_owned())
        );
    }

    #[test]
    fn what_cannot_be_sent_is_dead_at_once_and_tells_why() {
        let unsendable = Err(SinkError::Unsendable {
            cause: anyhow!("`template.body` fails"),
        });
        let (attempt, settlement) =
            conclude(&tried(1, 0), unsendable, &RetryPolicy::default(), 0.0);
        assert_eq!(attempt.outcome, Outcome::Refused);
        assert_eq!(
            settlement,
            Settlement::Dead("cannot be sent: `template.body` fails".to_owned())
        );
    }

    #[test]
    fn patience_ends_with_the_first_failure_past_the_give_up_time() {
        let week = 7 * 24 * 3600;
        let last = tried(180, week);
        let (_, settlement) = conclude(&last, failure(None), &RetryPolicy::default(), 0.0);
        assert_eq!(
            settlement,
            Settlement::Dead(
                "given up after 180 tries in 7d: answered 503 Service Unavailable".to_owned()
            )
        );
        let success = conclude(&last, Ok(Receipt::default()), &RetryPolicy::default(), 0.0);
        assert_eq!(success.1, Settlement::Delivered);
    }

    #[test]
    fn an_error_is_one_line_of_bounded_length() {
        let long = line(&anyhow!("é".repeat(1000)).context("two\nlines"));
        assert!(long.starts_with("two lines: é"));
        assert!(long.len() <= ERROR_LIMIT);
    }
}
