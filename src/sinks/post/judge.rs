//! What a status means for the event.

use std::collections::BTreeSet;

use anyhow::anyhow;
use anyhow::ensure;
use reqwest::StatusCode;

use super::Answer;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// The statuses that refuse an event for good.
///
/// Each says that this very request is wrong and will stay so. A 404 is none of them: a deployment
/// has minutes without its routes. Nor is a 401: keys rotate.
const REFUSALS: [u16; 6] = [400, 410, 413, 415, 422, 501];

/// What a status means for the event.
#[derive(Debug)]
enum Verdict {
    /// The sink has it.
    Accepted,
    /// Another try may go better.
    NotNow(anyhow::Error),
    /// The sink will never take it.
    Refused(anyhow::Error),
}

/// Knows which statuses refuse an event for good.
#[derive(Debug)]
pub(in crate::sinks) struct Judge {
    refusals: BTreeSet<u16>,
}

impl Default for Judge {
    /// A judge of the usual kind.
    fn default() -> Self {
        Self {
            refusals: REFUSALS.into(),
        }
    }
}

impl Judge {
    /// A judge of the usual kind, but for what the configuration says otherwise.
    pub(in crate::sinks) fn new(reject_on: &[u16], retry_on: &[u16]) -> anyhow::Result<Self> {
        for status in reject_on.iter().chain(retry_on) {
            ensure!(
                (300..=599).contains(status),
                "{status} in `reject_on` or `retry_on` is not the status of a failure (300 to 599)"
            );
        }
        let Self { mut refusals } = Self::default();
        refusals.extend(reject_on);
        for status in retry_on {
            ensure!(
                !reject_on.contains(status),
                "{status} stands in both `reject_on` and `retry_on`"
            );
            refusals.remove(status);
        }
        Ok(Self { refusals })
    }

    /// What an answer means for the event, by its status.
    pub(in crate::sinks) fn judge(&self, answer: Answer) -> Result<Receipt, SinkError> {
        self.judge_saying(answer, &[])
    }

    /// The same for a service that says in words of its own what is wrong, with what else there is
    /// to say. What is empty is left out.
    pub(in crate::sinks) fn judge_saying(
        &self,
        answer: Answer,
        words: &[&str],
    ) -> Result<Receipt, SinkError> {
        let said = |cause: anyhow::Error| {
            let words = words.iter().filter(|words| !words.is_empty());
            words.fold(cause, |cause, words| anyhow!("{cause}: {words}"))
        };
        match self.of(answer.status) {
            Verdict::Accepted => Ok(answer.receipt()),
            Verdict::NotNow(cause) => Err(answer.not_now(said(cause))),
            Verdict::Refused(cause) => Err(answer.refused(said(cause))),
        }
    }

    fn of(&self, status: StatusCode) -> Verdict {
        if status.is_success() {
            return Verdict::Accepted;
        }
        let cause = if status.is_redirection() {
            anyhow!(
                "answered {status}, and redirects are not followed: configure the final address"
            )
        } else {
            anyhow!("answered {status}")
        };
        if self.refusals.contains(&status.as_u16()) {
            Verdict::Refused(cause)
        } else {
            Verdict::NotNow(cause)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(judge: &Judge, status: u16) -> &'static str {
        match judge.of(StatusCode::from_u16(status).unwrap()) {
            Verdict::Accepted => "accepted",
            Verdict::NotNow(_) => "not now",
            Verdict::Refused(_) => "refused",
        }
    }

    #[test]
    fn six_statuses_refuse_for_good_and_every_other_failure_is_tried_again() {
        let judge = Judge::new(&[], &[]).unwrap();
        for status in 200..600 {
            let expected = match status {
                200..300 => "accepted",
                400 | 410 | 413 | 415 | 422 | 501 => "refused",
                _ => "not now",
            };
            assert_eq!(word(&judge, status), expected, "{status}");
        }
    }

    #[test]
    fn the_configuration_changes_what_refuses() {
        let judge = Judge::new(&[404], &[400]).unwrap();
        assert_eq!(word(&judge, 404), "refused");
        assert_eq!(word(&judge, 400), "not now");
        assert_eq!(word(&judge, 410), "refused");
    }

    #[test]
    fn a_list_that_makes_no_sense_is_refused() {
        assert!(Judge::new(&[200], &[]).is_err());
        assert!(Judge::new(&[], &[700]).is_err());
        assert!(Judge::new(&[404], &[404]).is_err());
    }

    #[test]
    fn a_redirect_says_what_to_do() {
        let judge = Judge::new(&[], &[]).unwrap();
        let Verdict::NotNow(cause) = judge.of(StatusCode::FOUND) else {
            panic!("a redirect is a failure that is tried again");
        };
        assert_eq!(
            cause.to_string(),
            "answered 302 Found, and redirects are not followed: configure the final address"
        );
    }
}
