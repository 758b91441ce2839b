//! An event's identity is its body, time first.

use std::fmt;

/// The id of an event: the time it tells and a hash of its canonical body, as a UUID of version 8.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 16]);

/// Why a text is not the id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event's id is written `evt_` and a UUID")]
pub struct EventIdError;

impl EventId {
    /// The octets, as stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id with these octets, as read from the store.
    #[must_use]
    pub fn from_bytes(octets: [u8; 16]) -> Self {
        Self(octets)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}", uuid::Uuid::from_bytes(self.0))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
