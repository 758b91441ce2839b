//! What was found, in words that say what to do.

use std::fmt;

use jiff::SignedDuration;

use crate::canonical::CanonicalError;
use crate::event::SignatureForm;
use crate::period::rough;

/// What would have let a request in: one sentence for each thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub(super) secret: Box<str>,
    pub(super) findings: Vec<Finding>,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The signature belongs to the secret `{}`, but ",
            self.secret
        )?;
        for (index, finding) in self.findings.iter().enumerate() {
            if index > 0 {
                f.write_str(" Also, ")?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a request that is otherwise understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// A form that this endpoint does not accept.
    Form(SignatureForm),
    /// The vendor's TypeScript sample, where it differs.
    IntegersFirst,
    /// The body without the blanks around it.
    TrimmedBody,
    /// A signed body that cannot be read.
    NotJson(CanonicalError),
    /// Our secret has blanks around it that the sender's has not.
    OursHasBlanks,
    /// Our secret has quotes around it that the sender's has not.
    OursHasQuotes,
    /// The sender's secret ends with blanks.
    TheirsHasBlanks,
    /// The sender's secret is in quotes.
    TheirsHasQuotes,
    /// The sender's secret is empty.
    TheirsIsEmpty,
    /// The signature covers no time.
    NoTimeSigned,
    /// The time was written in another way when it was signed.
    OtherTime(String),
    /// Something stands before the digits.
    DecoratedSignature,
    /// It came in the header of early 2026.
    LegacyHeader,
    /// Too old.
    TooOld {
        age: SignedDuration,
        limit: SignedDuration,
    },
    /// Ahead of our clock.
    InTheFuture {
        by: SignedDuration,
        limit: SignedDuration,
    },
    /// No time we can read.
    UnreadableTime(Box<str>),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(SignatureForm::Payload) => f.write_str(
                "it covers only the payload (form `payload`), which this endpoint does not accept: \
                 update the sender's SDK, or add \"payload\" to `accept` knowing that the type and \
                 the time are then unsigned.",
            ),
            Self::Form(form) => write!(
                f,
                "it is in the form `{form}`, which this endpoint does not accept: add \"{form}\" \
                 to its `accept`."
            ),
            Self::IntegersFirst => f.write_str(
                "keys that look like integers were put first, as the vendor's TypeScript sample \
                 puts them: sign with the vendor's SDK instead.",
            ),
            Self::TrimmedBody => f.write_str(
                "it was made before blanks were added around the body: send the bytes that were \
                 signed.",
            ),
            Self::NotJson(error) => write!(
                f,
                "the body cannot be read ({error}): send JSON within the documented bounds."
            ),
            Self::OursHasBlanks => f.write_str(
                "the configured secret has blanks or a newline around it: remove them here.",
            ),
            Self::OursHasQuotes => {
                f.write_str("the configured secret is in quotes: remove them here.")
            }
            Self::TheirsHasBlanks => f.write_str(
                "the sender's secret ends with a blank or a newline: remove it there.",
            ),
            Self::TheirsHasQuotes => {
                f.write_str("the sender's secret is in quotes: remove them there.")
            }
            Self::TheirsIsEmpty => f.write_str(
                "the sender signs with an empty secret: set the secret there.",
            ),
            Self::NoTimeSigned => f.write_str(
                "it covers the body without a time: sign `{timestamp}.{body}` and send both \
                 headers.",
            ),
            Self::OtherTime(text) => write!(
                f,
                "it was made over the time `{text}`, which is not what the header says: send the \
                 time exactly as it was signed."
            ),
            Self::DecoratedSignature => f.write_str(
                "the header has something before the digits: send the 64 digits alone.",
            ),
            Self::LegacyHeader => f.write_str(
                "it came in the header `X-Webhook-Signature`: send it as `X-Browser-Use-Signature`.",
            ),
            Self::TooOld { age, limit } => write!(
                f,
                "it is {} old, and this endpoint's `max_age` is {}: set the sender's clock right, \
                 or raise `max_age`.",
                rough(age.unsigned_abs()),
                rough(limit.unsigned_abs())
            ),
            Self::InTheFuture { by, limit } => write!(
                f,
                "its time is {} ahead of this machine's clock, and {} is the limit: set both \
                 clocks right.",
                rough(by.unsigned_abs()),
                rough(limit.unsigned_abs())
            ),
            Self::UnreadableTime(text) => write!(
                f,
                "its time `{text}` cannot be read: send Unix seconds, or ISO 8601."
            ),
        }
    }
}
