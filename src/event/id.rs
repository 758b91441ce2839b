//! An event's identity is its body, time first.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use sha2::Digest as _;
use sha2::Sha256;
use uuid::Builder;
use uuid::Uuid;

use crate::name::EndpointName;

/// What stands before the UUID.
const PREFIX: &str = "evt_";

/// The id of an event: the time it tells and a hash of its canonical body, as a UUID of version 8.
///
/// The same body has the same id on every receiver and on every retry, and a consumer can work it
/// out (`docs/signature.md`). The time comes first so that the store's unique key grows at its
/// right edge: a random one would make inserting ten times slower as the table grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 16]);

/// Why a text is not the id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event's id is written `evt_` and a UUID")]
pub struct EventIdError;

impl EventId {
    /// The id of a body.
    ///
    /// `occurred_at` is the time the body tells; none, or one before 1970, counts as no time.
    /// `canonical` is its canonical form. Two endpoints make two events of one body; only the name
    /// `default` leaves no trace.
    #[must_use]
    pub fn of_body(
        endpoint: &EndpointName,
        occurred_at: Option<Timestamp>,
        canonical: &[u8],
    ) -> Self {
        let mut hash = Sha256::new();
        if endpoint.as_str() != EndpointName::DEFAULT {
            hash.update(endpoint.as_str());
            hash.update([0]);
        }
        hash.update(canonical);

        let mut octets = [0; 16];
        octets[..6].copy_from_slice(&milliseconds(occurred_at).to_be_bytes()[2..]);
        octets[6..].copy_from_slice(&hash.finalize()[..10]);
        Self(Builder::from_custom_bytes(octets).into_uuid().into_bytes())
    }

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

/// Milliseconds since 1970, rounded down; zero if that is no time the id can hold. They fit six
/// octets: a [`Timestamp`] ends with the year 9999.
fn milliseconds(time: Option<Timestamp>) -> u64 {
    time.filter(|&time| time >= Timestamp::UNIX_EPOCH)
        .and_then(|time| u64::try_from(time.as_millisecond()).ok())
        .unwrap_or(0)
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", Uuid::from_bytes(self.0))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        let uuid = text.strip_prefix(PREFIX).ok_or(EventIdError)?;
        // Only the spelling with dashes: one event, one spelling.
        if uuid.len() != 36 {
            return Err(EventIdError);
        }
        Uuid::try_parse(uuid)
            .map(|uuid| Self(uuid.into_bytes()))
            .ok()
            .ok_or(EventIdError)
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Document;
    use crate::event::Facts;

    /// One of the published test vectors, worked out with Python.
    #[derive(Deserialize)]
    struct Vector {
        about: String,
        endpoint: EndpointName,
        body: String,
        id: String,
    }

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("../../tests/data/event-ids.json")).unwrap()
    }

    #[test]
    fn the_published_vectors_hold() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 10);
        for vector in vectors {
            let document = Document::read(vector.body.as_bytes()).unwrap();
            let time = Facts::read(&document).occurred_at;
            let id = EventId::of_body(&vector.endpoint, time, document.python());
            assert_eq!(id.to_string(), vector.id, "{}", vector.about);
        }
    }

    #[test]
    fn the_page_on_signatures_shows_the_vectors() {
        let page = include_str!("../../docs/signature.md");
        for vector in vectors() {
            assert!(page.contains(&vector.id), "{} is missing", vector.id);
        }
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = EventId::of_body(&EndpointName::default(), None, b"{}");
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            "evt_",
            "evt_0",
            "dlv_00000000-0000-8000-8000-000000000000",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(EventIdError), "{text}");
        }
    }

    #[test]
    fn ids_are_in_the_order_of_the_times() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let of = |time| EventId::of_body(&EndpointName::default(), time, b"{}");
        assert!(of(None) < of(at(1)));
        assert!(of(at(1)) < of(at(2)));
        assert_eq!(of(at(-1)), of(None));
    }
}
