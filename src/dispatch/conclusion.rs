//! What follows from a try.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use super::backoff::RetryPolicy;
use crate::delivery::Attempt;
use crate::delivery::Outcome;
use crate::delivery::Settlement;
use crate::period;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// How much of an error is kept, in bytes. A line says enough, and rows stay small.
const ERROR_LIMIT: usize = 500;

/// What is known of a try beside its result.
pub(super) struct Tried {
    pub(super) number: NonZeroU32,
    /// How many deliveries it was for.
    pub(super) together: usize,
    pub(super) started_at: Timestamp,
    /// Since when the give-up clock runs.
    pub(super) patience_since: Timestamp,
    pub(super) ended_at: Timestamp,
    /// Whether the sink's breaker is open after it.
    pub(super) is_left_alone: bool,
}

/// What is recorded of a try, and what becomes of the delivery. `spread` is drawn by the caller,
/// from 0.0 to 1.0.
pub(super) fn conclude(
    tried: &Tried,
    result: &Result<Receipt, SinkError>,
    policy: &RetryPolicy,
    spread: f64,
) -> (Attempt, Settlement) {
    let nothing = Receipt::default();
    let (outcome, receipt, error, settlement) = match result {
        Ok(receipt) => (Outcome::Delivered, receipt, None, Settlement::Delivered),
        Err(SinkError::Reject { cause, receipt }) => {
            let error = line(cause, tried.together);
            let settlement = after_refusal(tried, &error);
            (Outcome::Refused, receipt, Some(error), settlement)
        }
        Err(SinkError::Unsendable { cause }) => {
            let error = line(cause, tried.together);
            let reason = format!("cannot be sent: {error}");
            let settlement = Settlement::Dead(reason);
            (Outcome::Refused, &nothing, Some(error), settlement)
        }
        Err(SinkError::Retry {
            after,
            cause,
            receipt,
        }) => {
            let error = line(cause, tried.together);
            let settlement = after_failure(tried, &error, policy, *after, spread);
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
        answer: receipt.answer.clone(),
    };
    (attempt, settlement)
}

/// The end; in company another try alone, at once: it may have been for one of the others.
fn after_refusal(tried: &Tried, error: &str) -> Settlement {
    if tried.together > 1 {
        return Settlement::Retry(tried.ended_at);
    }
    Settlement::Dead(format!("refused: {error}"))
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

/// An error with its causes, in one line that is not too long; of a try for several it says so.
fn line(error: &anyhow::Error, together: usize) -> String {
    let mut text = format!("{error:#}").replace(['\r', '\n'], " ");
    text.truncate(text.floor_char_boundary(ERROR_LIMIT));
    match together {
        0 | 1 => text,
        several => format!("{text} (in a batch of {several})"),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn tried(number: u32, seconds_since_first: i64) -> Tried {
        let patience_since = Timestamp::UNIX_EPOCH;
        let started_at = patience_since + SignedDuration::from_secs(seconds_since_first);
        Tried {
            number: NonZeroU32::new(number).unwrap(),
            together: 1,
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

    fn wait(tried: &Tried, result: &Result<Receipt, SinkError>) -> SignedDuration {
        let (_, settlement) = conclude(tried, result, &RetryPolicy::default(), 0.0);
        let Settlement::Retry(at) = settlement else {
            panic!("{settlement:?} is not another try");
        };
        at.duration_since(tried.ended_at)
    }

    #[test]
    fn a_failure_is_recorded_with_its_answer_and_tried_again() {
        let tried = tried(2, 5);
        let (attempt, _) = conclude(&tried, &failure(None), &RetryPolicy::default(), 0.0);
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
        assert_eq!(wait(&tried, &failure(None)), SignedDuration::from_secs(10));
    }

    #[test]
    fn a_sink_that_asks_for_time_gets_it_up_to_the_longest_wait() {
        let wait = |asked| wait(&tried(1, 0), &failure(Some(asked)));
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
        assert_eq!(wait(&tried, &failure(Some(900))), SignedDuration::ZERO);
    }

    fn refusal() -> Result<Receipt, SinkError> {
        Err(SinkError::Reject {
            cause: anyhow!("answered 410 Gone"),
            receipt: Receipt::default(),
        })
    }

    #[test]
    fn what_the_sink_refuses_is_dead_at_once() {
        let policy = RetryPolicy::default();
        let (attempt, settlement) = conclude(&tried(1, 0), &refusal(), &policy, 0.0);
        assert_eq!(attempt.outcome, Outcome::Refused);
        assert_eq!(
            settlement,
            Settlement::Dead("refused: answered 410 Gone".to_owned())
        );
    }

    #[test]
    fn what_is_refused_in_company_is_tried_again_at_once() {
        let tried = Tried {
            together: 7,
            ..tried(1, 0)
        };
        assert_eq!(wait(&tried, &refusal()), SignedDuration::ZERO);
        let (attempt, _) = conclude(&tried, &refusal(), &RetryPolicy::default(), 0.0);
        assert_eq!(attempt.outcome, Outcome::Refused);
        let error = "answered 410 Gone (in a batch of 7)";
        assert_eq!(attempt.error.as_deref(), Some(error));
    }

    #[test]
    fn what_cannot_be_sent_is_dead_at_once_and_tells_why() {
        let unsendable = Err(SinkError::Unsendable {
            cause: anyhow!("`template.body` fails"),
        });
        let policy = RetryPolicy::default();
        let (attempt, settlement) = conclude(&tried(1, 0), &unsendable, &policy, 0.0);
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
        let (_, settlement) = conclude(&last, &failure(None), &RetryPolicy::default(), 0.0);
        assert_eq!(
            settlement,
            Settlement::Dead(
                "given up after 180 tries in 7d: answered 503 Service Unavailable".to_owned()
            )
        );
        let success = conclude(&last, &Ok(Receipt::default()), &RetryPolicy::default(), 0.0);
        assert_eq!(success.1, Settlement::Delivered);
    }

    #[test]
    fn an_error_is_one_line_of_bounded_length() {
        let long = line(&anyhow!("é".repeat(1000)).context("two\nlines"), 1);
        assert!(long.starts_with("two lines: é"));
        assert!(long.len() <= ERROR_LIMIT);
    }
}
