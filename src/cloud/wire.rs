//! What goes over the wire in every version.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde_json::Map;
use serde_json::Value;

use crate::event::time;
use crate::secret::Secret;

/// Fields that the documents do not name. They go through both ways.
pub type Extra = Map<String, Value>;

/// A time as it stands in a request or an answer, kept as it was written: v1 writes an offset, v2
/// none, v3 a `Z`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Moment(Box<str>);

impl Moment {
    /// The time it tells; without a zone it is UTC. None: it tells none.
    #[must_use]
    pub fn read(&self) -> Option<Timestamp> {
        time::read(&self.0)
    }

    /// As the filters of v2 want it: UTC, and no zone.
    pub(super) fn naive(&self) -> Option<String> {
        let text = self.read()?.to_string();
        Some(text.trim_end_matches('Z').to_owned())
    }
}

impl From<&str> for Moment {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(time.to_string().into())
    }
}

/// Cookies and whatever else a browser kept. It is passed on to who asked for it, and neither
/// shown nor stored.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct BrowserData(Value);

impl fmt::Debug for BrowserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[browser data]")
    }
}

/// Secrets for an agent, by the names it knows them by. They are written into the request, and
/// nowhere else.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// The secrets without their names.
    pub(super) fn values(&self) -> impl Iterator<Item = &Secret> {
        self.0.values()
    }
}

impl<'a> FromIterator<(&'a str, Secret)> for Secrets {
    fn from_iter<I: IntoIterator<Item = (&'a str, Secret)>>(secrets: I) -> Self {
        let owned = |(name, secret): (&str, Secret)| (name.to_owned(), secret);
        Self(secrets.into_iter().map(owned).collect())
    }
}

impl Serialize for Secrets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, secret)| (name, secret.expose())))
    }
}

/// Reads a field that was given, though it be null: for fields to which null means something.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_spelling_and_kept_in_its_own() {
        let time = Timestamp::from_second(1_748_164_942).unwrap();
        for text in [
            "2025-05-25T09:22:22",
            "2025-05-25T09:22:22Z",
            "2025-05-25T11:22:22.000000+02:00",
        ] {
            let moment: Moment = serde_json::from_value(text.into()).unwrap();
            assert_eq!(moment.read(), Some(time), "{text}");
            assert_eq!(serde_json::to_value(&moment).unwrap(), text);
            assert_eq!(moment.naive().unwrap(), "2025-05-25T09:22:22");
        }
        assert_eq!(Moment::from(time).read(), Some(time));
    }

    #[test]
    fn a_time_that_cannot_be_read_is_still_an_answer() {
        let moment: Moment = serde_json::from_str("\"soon\"").unwrap();
        assert_eq!(moment.read(), None);
    }
}
