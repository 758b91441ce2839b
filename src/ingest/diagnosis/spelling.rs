//! How the same secret, time or signature could have been spelled.

use jiff::Timestamp;

use super::finding::Finding;
use crate::event::view;
use crate::ingest::claim::SignedHeaders;
use crate::ingest::claim::octets;
use crate::ingest::signed_time;

/// A value, and what would be wrong with it.
pub(super) struct Spelled<T> {
    pub(super) value: T,
    pub(super) finding: Option<Finding>,
}

impl<T> Spelled<T> {
    /// As it stands.
    pub(super) fn exactly(value: T) -> Self {
        Self {
            value,
            finding: None,
        }
    }

    fn with(value: T, finding: Finding) -> Self {
        Self {
            value,
            finding: Some(finding),
        }
    }
}

/// What a secret becomes when it is copied badly, on either side.
pub(super) fn keys(secret: &str) -> Vec<Spelled<String>> {
    let mut keys = Vec::new();
    let trimmed = secret.trim();
    if trimmed.len() < secret.len() {
        keys.push(Spelled::with(trimmed.to_owned(), Finding::OursHasBlanks));
    }
    if let Some(bare) = unquoted(trimmed) {
        keys.push(Spelled::with(bare.to_owned(), Finding::OursHasQuotes));
    }
    for end in ["\n", "\r\n", " "] {
        keys.push(Spelled::with(
            format!("{trimmed}{end}"),
            Finding::TheirsHasBlanks,
        ));
    }
    for quote in ['"', '\''] {
        keys.push(Spelled::with(
            format!("{quote}{trimmed}{quote}"),
            Finding::TheirsHasQuotes,
        ));
    }
    keys.push(Spelled::with(String::new(), Finding::TheirsIsEmpty));
    keys
}

fn unquoted(secret: &str) -> Option<&str> {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| secret.strip_prefix(quote)?.strip_suffix(quote))
}

/// The header as it came; without one, no time at all.
pub(super) fn verbatim(headers: &SignedHeaders<'_>) -> Vec<Spelled<Option<String>>> {
    let mut timestamps = Vec::new();
    if let Some(timestamp) = headers.timestamp {
        timestamps.push(Spelled::exactly(Some(timestamp.to_owned())));
    }
    timestamps.push(Spelled::with(None, Finding::NoTimeSigned));
    timestamps
}

/// The same moment written in other ways.
pub(super) fn rewritten(headers: &SignedHeaders<'_>) -> Vec<Spelled<Option<String>>> {
    let Some(header) = headers.timestamp else {
        return Vec::new();
    };
    let other = |text: String| Spelled::with(Some(text.clone()), Finding::OtherTime(text));
    let mut others = vec![header.trim().to_owned()];
    if let Some(time) = signed_time::read(header) {
        others.extend(spellings(time));
    }
    others.retain(|text| text != header);
    others.into_iter().map(other).collect()
}

fn spellings(time: Timestamp) -> [String; 6] {
    let iso = time.to_string();
    let offset = iso.replace('Z', "+00:00");
    [
        time.as_second().to_string(),
        time.as_millisecond().to_string(),
        time.as_microsecond().to_string(),
        view::time(time),
        iso,
        offset,
    ]
}

/// What the signature's header could mean.
pub(super) fn claims(headers: &SignedHeaders<'_>) -> Vec<Spelled<[u8; 32]>> {
    let mut claims = Vec::new();
    if let Some(signature) = headers.signature {
        claims.extend(octets(signature).map(Spelled::exactly));
        // `sha256=…`, `v1,…`: what other vendors put in front.
        let bare = signature
            .rsplit(['=', ','])
            .next()
            .unwrap_or(signature)
            .trim();
        if bare != signature {
            claims.extend(octets(bare).map(|it| Spelled::with(it, Finding::DecoratedSignature)));
        }
    }
    if let Some(signature) = headers.legacy_signature {
        claims.extend(octets(signature).map(|it| Spelled::with(it, Finding::LegacyHeader)));
    }
    claims
}
