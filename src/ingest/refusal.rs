//! Why a request is not let in.

use jiff::SignedDuration;

use crate::canonical::CanonicalError;
use crate::period::rough;
use crate::rejection::Cause;

/// Why a request is not let in. It never tells the signature that would have been right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One of the two headers is not there.
    #[error("the header `{0}` is missing")]
    MissingHeader(&'static str),
    /// The signature is not 64 hexadecimal digits, so it cannot match.
    #[error("the signature is not 64 hexadecimal digits")]
    MalformedSignature,
    /// The body is not JSON, or beyond our bounds.
    #[error("the body is not JSON that can be read here: {0}")]
    InvalidJson(#[from] CanonicalError),
    /// No secret matches in any form that is accepted.
    #[error("the signature matches no secret")]
    SignatureMismatch,
    /// The signature is good; when it was made cannot be told.
    #[error("the signature is good, but its time cannot be read")]
    UnreadableTime,
    /// The signature is good and too old.
    #[error("the signature is good, but {} old: {} is the limit", rough(age.unsigned_abs()), rough(limit.unsigned_abs()))]
    TooOld {
        /// How old it is.
        age: SignedDuration,
        /// How old it may be.
        limit: SignedDuration,
    },
    /// The signature is good and ahead of our clock.
    #[error("the signature is good, but {} ahead of our clock: {} is the limit", rough(by.unsigned_abs()), rough(limit.unsigned_abs()))]
    InTheFuture {
        /// How far ahead.
        by: SignedDuration,
        /// How far it may be.
        limit: SignedDuration,
    },
}

impl Refusal {
    /// The cause, as it is recorded and told.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::MissingHeader(_) => Cause::MissingHeader,
            Self::MalformedSignature | Self::SignatureMismatch => Cause::SignatureMismatch,
            Self::InvalidJson(_) => Cause::InvalidJson,
            Self::UnreadableTime => Cause::UnreadableTime,
            Self::TooOld { .. } => Cause::TooOld,
            Self::InTheFuture { .. } => Cause::InTheFuture,
        }
    }
}
