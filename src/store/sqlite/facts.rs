//! What a stored body says, read again.

use crate::canonical;
use crate::canonical::Document;
use crate::event::Facts;

/// Reads the facts from a body. It was readable when it came; should a later version's bounds be
/// narrower, the event is still there, and says nothing.
pub(super) fn read(body: &[u8]) -> Facts {
    Document::read(body)
        .map(|document| Facts::read(&document))
        .unwrap_or_default()
}

/// The members of an event's metadata that are strings: those that filters can match.
pub(super) fn metadata(facts: &Facts) -> impl Iterator<Item = (String, String)> + '_ {
    strings(facts.metadata.as_deref().map_or("", |raw| raw.get()))
}

/// The members of an object that are strings.
pub(super) fn strings(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    canonical::members(text.as_bytes()).filter_map(|member| {
        let value = canonical::string(member.value)?;
        let key = canonical::string(&[b"\"", member.key, b"\""].concat())?;
        Some((key, value))
    })
}
