//! Filters: as the parameters of a listing, or as an object with the same names in a body.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Deserializer;

use super::error::ApiError;
use super::params::Moment;
use super::params::Params;
use crate::routing::Values;
use crate::store::DeliveryFilter;
use crate::store::EventFilter;

impl<'de> Deserialize<'de> for Params {
    /// Reads an object whose values are strings or lists of strings.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = BTreeMap::<String, Values>::deserialize(deserializer)?;
        Ok(Self::given(object.into_iter().flat_map(
            |(name, values)| {
                // An empty list is as little a filter as an empty text, and refused like one.
                let none = values.is_empty().then(String::new);
                let texts = values.into_iter().chain(none);
                texts.map(move |text| (name.clone(), text))
            },
        )))
    }
}

/// Which events are asked for.
pub(super) fn events(params: &mut Params) -> Result<EventFilter, ApiError> {
    Ok(EventFilter {
        types: params.values("type")?,
        status: params.values("status")?,
        states: params.values("state")?,
        task_ids: params.values("task_id")?,
        run_ids: params.values("run_id")?,
        session_ids: params.values("session_id")?,
        origins: params.values("origin")?,
        metadata: params.keyed("metadata.")?,
        q: params.value("q")?,
        since: params.value("since")?.map(|Moment(time)| time),
        until: params.value("until")?.map(|Moment(time)| time),
    })
}

/// Which deliveries are asked for.
pub(super) fn deliveries(params: &mut Params) -> Result<DeliveryFilter, ApiError> {
    Ok(DeliveryFilter {
        states: params.values("state")?,
        sinks: params.values("sink")?,
        task_ids: params.values("task_id")?,
        event: params.value("event_id")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        let mut params: Params = match serde_json::from_str(json) {
            Ok(params) => params,
            Err(error) => return error.to_string(),
        };
        let filter = events(&mut params).and_then(|filter| params.finish().map(|()| filter));
        match filter {
            Ok(filter) => serde_json::to_string(&filter).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_object_is_read_as_the_parameters_of_the_listing_are() {
        let object =
            r#"{"metadata.team":"red,blue","type":["a","b"],"since":"2026-05-25T09:00:00Z"}"#;
        insta::assert_snapshot!(read(object), @r#"{"type":["a","b"],"since":"2026-05-25T09:00:00.000000Z","metadata.team":["red","blue"]}"#);
        assert_eq!(read("{}"), "{}");
    }

    #[test]
    fn what_a_listing_would_refuse_is_refused_here() {
        insta::assert_snapshot!(read(r#"{"satus":"a"}"#), @"there is no parameter `satus` here; did you mean `status`?");
        insta::assert_snapshot!(read(r#"{"status":""}"#), @"`status` is empty");
        insta::assert_snapshot!(read(r#"{"status":[]}"#), @"`status` is empty");
        insta::assert_snapshot!(read(r#"{"since":["2026-05-25T09:00:00Z","2026-05-25T09:00:00Z"]}"#), @"`since` is given more than once");
        insta::assert_snapshot!(read(r#"{"status":3}"#), @"invalid type: integer `3`, expected a string or a list of strings at line 1 column 11");
    }
}
