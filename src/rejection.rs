//! A request that was refused.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::id::Kind;
use crate::id::RowId;
use crate::name::EndpointName;

/// Marks the ids of rejections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RejectionKind;

impl Kind for RejectionKind {
    const PREFIX: &'static str = "rej_";
}

/// The id of a rejection: `rej_` and a UUID of version 7.
pub type RejectionId = RowId<RejectionKind>;

/// Why a request was refused: the slug that its answer's `type` ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// One of the two headers is missing.
    MissingHeader,
    /// The body is not JSON within our bounds.
    InvalidJson,
    /// No secret and form matches.
    SignatureMismatch,
    /// The signature is good, and its time cannot be read.
    UnreadableTime,
    /// The signature is good, and too old.
    TooOld,
    /// The signature is good, and ahead of our clock.
    InTheFuture,
    /// The body is larger than the limit.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MissingHeader,
        Self::InvalidJson,
        Self::SignatureMismatch,
        Self::UnreadableTime,
        Self::TooOld,
        Self::InTheFuture,
        Self::TooLarge,
        Self::TooSlow,
    ];

    /// The slug.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingHeader => "missing-header",
            Self::InvalidJson => "invalid-json",
            Self::SignatureMismatch => "signature-mismatch",
            Self::UnreadableTime => "unreadable-time",
            Self::TooOld => "too-old",
            Self::InTheFuture => "in-the-future",
            Self::TooLarge => "too-large",
            Self::TooSlow => "too-slow",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refused request on its way into the store.
#[derive(Clone, Debug)]
pub struct NewRejection {
    /// When it came.
    pub at: Timestamp,
    /// The endpoint that refused it.
    pub endpoint: EndpointName,
    /// Why.
    pub cause: Cause,
    /// What would have matched, in a sentence; none where nothing would.
    pub diagnosis: Option<String>,
    /// Who sent it, as far as trusted proxies tell.
    pub remote: Option<IpAddr>,
    /// Its headers, shortened; those that hold credentials are masked, the signature too.
    pub headers: Vec<(String, String)>,
    /// The body's size in bytes, as far as it was read or declared.
    pub body_size: u64,
    /// SHA-256 of the body; none where it was not read to its end.
    pub body_sha256: Option<[u8; 32]>,
}

/// A refused request in the store.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// Its id.
    pub id: RejectionId,
    /// What was refused, and why.
    pub request: NewRejection,
}
