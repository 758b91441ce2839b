//! What to let through: events and deliveries. As JSON a filter has the names that the API's listings
//! have for its parts, and it reads back from there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde::Serializer;

use crate::delivery::DeliveryState;
use crate::event::EventId;
use crate::event::Origin;
use crate::event::view;
use crate::name::SinkName;
use crate::task::TaskState;

/// Which events. Every part that is given must hold; of several values one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(default)]
pub struct EventFilter {
    /// The vendor's `type`.
    #[serde(rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// The vendor's word for the state.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<String>,
    /// What that word means.
    #[serde(rename = "state", skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<TaskState>,
    /// Any of these tasks.
    #[serde(rename = "task_id", skip_serializing_if = "Vec::is_empty")]
    pub task_ids: Vec<String>,
    /// Any of these runs.
    #[serde(rename = "run_id", skip_serializing_if = "Vec::is_empty")]
    pub run_ids: Vec<String>,
    /// Any of these sessions.
    #[serde(rename = "session_id", skip_serializing_if = "Vec::is_empty")]
    pub session_ids: Vec<String>,
    /// Where it came from.
    #[serde(rename = "origin", skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// The beginning of an id or of a metadata value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Received at or after this.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "moment")]
    pub since: Option<Timestamp>,
    /// Received before this.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "moment")]
    pub until: Option<Timestamp>,
    /// Metadata that the payload must have, as strings.
    #[serde(flatten, with = "metadata")]
    pub metadata: BTreeMap<String, Vec<String>>,
}

/// Which deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// Any of these states.
    #[serde(rename = "state", skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<DeliveryState>,
    /// Any of these sinks.
    #[serde(rename = "sink", skip_serializing_if = "Vec::is_empty")]
    pub sinks: Vec<SinkName>,
    /// Of events about any of these tasks.
    #[serde(rename = "task_id", skip_serializing_if = "Vec::is_empty")]
    pub task_ids: Vec<String>,
    /// Of this event.
    #[serde(rename = "event_id", skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
}

#[expect(clippy::ref_option, reason = "so it is handed over by what is derived")]
fn moment<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    time.map(view::time).serialize(to)
}

/// A part of the metadata is named `metadata.` and its key.
mod metadata {
    use std::collections::BTreeMap;

    use serde::Deserialize as _;
    use serde::Deserializer;
    use serde::Serializer;

    const PREFIX: &str = "metadata.";

    /// What the metadata must have, by key.
    type Metadata = BTreeMap<String, Vec<String>>;

    pub(super) fn serialize<S: Serializer>(metadata: &Metadata, to: S) -> Result<S::Ok, S::Error> {
        let named = metadata.iter();
        to.collect_map(named.map(|(key, values)| (format!("{PREFIX}{key}"), values)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Metadata, D::Error> {
        let key = |name: &str| name.strip_prefix(PREFIX).map(str::to_owned);
        let rest = Metadata::deserialize(from)?;
        let keyed = rest.into_iter();
        Ok(keyed
            .filter_map(|(name, values)| Some((key(&name)?, values)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_filter_reads_back_as_it_was_written(
            types in vec(any::<String>(), 0..3),
            words in vec("[a-z]{1,9}", 0..3),
            metadata in btree_map(any::<String>(), vec(any::<String>(), 1..3), 0..3),
            q in option::of(any::<String>()),
            since in option::of(0i64..4_000_000_000_000_000),
        ) {
            let filter = EventFilter {
                types,
                states: words.iter().map(|word| TaskState::of(word)).collect(),
                origins: vec![Origin::Reconcile],
                metadata,
                q,
                since: since.map(|micros| Timestamp::from_microsecond(micros).unwrap()),
                ..EventFilter::default()
            };
            let json = serde_json::to_string(&filter).unwrap();
            prop_assert_eq!(serde_json::from_str::<EventFilter>(&json).unwrap(), filter);
        }
    }

    #[test]
    fn a_filter_is_shown_with_the_names_that_listings_have() {
        let filter = EventFilter {
            types: vec!["a".into(), "b".into()],
            states: vec![TaskState::Finished],
            metadata: [("team".into(), vec!["red".into()])].into(),
            until: Some(Timestamp::UNIX_EPOCH),
            ..EventFilter::default()
        };
        insta::assert_snapshot!(
            serde_json::to_string(&filter).unwrap(),
            @r#"{"type":["a","b"],"state":["finished"],"until":"1970-01-01T00:00:00.000000Z","metadata.team":["red"]}"#
        );
        let filter = DeliveryFilter {
            states: vec![DeliveryState::Dead],
            sinks: vec!["audit".parse().unwrap()],
            ..DeliveryFilter::default()
        };
        let json = serde_json::to_string(&filter).unwrap();
        insta::assert_snapshot!(json, @r#"{"state":["dead"],"sink":["audit"]}"#);
        assert_eq!(
            serde_json::from_str::<DeliveryFilter>(&json).unwrap(),
            filter
        );
    }
}
