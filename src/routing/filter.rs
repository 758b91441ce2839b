//! Which events a sink takes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::TaskFilter;
use super::Values;
use super::seen::Seen;
use crate::event::Facts;
use crate::event::OWN_PREFIX;
use crate::event::Sighting;
use crate::task::TaskState;
use crate::template::Expression;
use crate::template::TemplateError;

/// Which events a sink takes: every part that is given must hold. An empty filter takes every
/// event that came from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// The event's `type`.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub types: Values,
    /// The vendor's own word for the state of the task.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub status: Values,
    /// What that word means, whichever of them it is.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub state: Values<TaskState>,
    /// Metadata that the payload must have. Only text in it can match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Values>,
    /// A condition of the user's own: `docs/templates.md`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Which news of an end it takes, by what is looked up of the task. That is decided later,
    /// when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskFilter>,
}

impl Filter {
    /// Whether an event gets through. Fails where all else holds and the condition cannot be
    /// answered.
    pub fn lets_through<'a>(&self, event: impl Into<Sighting<'a>>) -> Result<bool, TemplateError> {
        self.judge(&Seen::new(event.into()))
    }

    /// The same of an event that others look at, too.
    pub(super) fn judge(&self, seen: &Seen<'_>) -> Result<bool, TemplateError> {
        // What costs little first.
        if !self.plain_parts_hold(seen.event.facts) {
            return Ok(false);
        }
        self.when.as_ref().map_or(Ok(true), |when| seen.fits(when))
    }

    /// Whether an event with these facts gets through all but the condition.
    #[must_use]
    pub fn plain_parts_hold(&self, facts: &Facts) -> bool {
        self.type_fits(facts)
            && self.status_fits(facts)
            && self.state_fits(facts)
            && self.metadata_fits(facts)
    }

    pub(super) fn status_fits(&self, facts: &Facts) -> bool {
        self.status.is_empty() || self.status.has(facts.status.as_deref())
    }

    pub(super) fn state_fits(&self, facts: &Facts) -> bool {
        self.state.is_empty() || self.state.has(facts.state().as_ref())
    }

    /// What Tidings says of itself goes only to those who ask for it by name: a sink that takes
    /// everything was promised the vendor's events.
    pub(super) fn type_fits(&self, facts: &Facts) -> bool {
        let kind = facts.kind.as_deref();
        if self.types.is_empty() {
            !kind.is_some_and(|kind| kind.starts_with(OWN_PREFIX))
        } else {
            self.types.has(kind)
        }
    }

    pub(super) fn metadata_fits(&self, facts: &Facts) -> bool {
        metadata_fits(&self.metadata, facts.metadata.as_deref())
    }
}

/// Whether metadata have what is wanted.
pub(super) fn metadata_fits(
    wanted: &BTreeMap<String, Values>,
    metadata: Option<&RawValue>,
) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let Some(metadata) = metadata else {
        return false;
    };
    // Metadata that is no object has no keys, so nothing in it can match.
    let found: BTreeMap<String, Value> = serde_json::from_str(metadata.get()).unwrap_or_default();
    wanted
        .iter()
        .all(|(key, values)| values.has(found.get(key).and_then(Value::as_str)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    fn filter(toml: &str) -> Filter {
        toml::from_str(toml).unwrap()
    }

    fn facts(kind: &str, status: Option<&str>, metadata: &Value) -> Facts {
        Facts {
            kind: Some(kind.into()),
            status: status.map(Into::into),
            metadata: Some(to_raw_value(metadata).unwrap().into()),
            ..Facts::default()
        }
    }

    #[test]
    fn an_empty_filter_takes_everything_that_came_from_outside() {
        let everything = Filter::default();
        assert!(everything.plain_parts_hold(&Facts::default()));
        assert!(everything.plain_parts_hold(&facts("brand.new", None, &Value::Null)));
        assert!(!everything.plain_parts_hold(&facts("tidings.sink.failing", None, &Value::Null)));
    }

    #[test]
    fn our_own_events_go_to_those_who_name_them() {
        let named = filter(r#"types = "tidings.sink.failing""#);
        assert!(named.plain_parts_hold(&facts("tidings.sink.failing", None, &Value::Null)));
        assert!(!named.plain_parts_hold(&facts("tidings.other", None, &Value::Null)));
    }

    #[test]
    fn every_part_must_hold_and_of_several_values_one_is_enough() {
        let filter = filter(
            r#"
            types = "agent.task.status_update"
            status = ["finished", "stopped"]
            metadata = { team = ["marketing", "sales"], tier = "gold" }
            "#,
        );
        let taken = |kind, status, team, tier| {
            let metadata = json!({ "team": team, "tier": tier });
            filter.plain_parts_hold(&facts(kind, status, &metadata))
        };

        let kind = "agent.task.status_update";
        assert!(taken(kind, Some("stopped"), "sales", "gold"));
        assert!(!taken("other", Some("stopped"), "sales", "gold"));
        assert!(!taken(kind, Some("started"), "sales", "gold"));
        assert!(!taken(kind, None, "sales", "gold"));
        assert!(!taken(kind, Some("stopped"), "support", "gold"));
        assert!(!taken(kind, Some("stopped"), "sales", "silver"));
    }

    #[test]
    fn a_state_stands_for_every_word_that_means_it() {
        let filter = filter(r#"state = ["finished", "cancelled", "brand new"]"#);
        let taken = |status| filter.plain_parts_hold(&facts("any", status, &Value::Null));

        assert!(taken(Some("finished")) && taken(Some("completed")));
        assert!(taken(Some("cancelled")) && taken(Some("stopped")));
        assert!(taken(Some("brand new")));
        assert!(!taken(Some("failed")) && !taken(Some("another")) && !taken(None));
    }

    #[test]
    fn metadata_that_is_not_text_matches_nothing() {
        let filter = filter(r#"metadata = { team = "1" }"#);
        for metadata in [
            json!({ "team": 1 }),
            json!(["team", "1"]),
            json!("team"),
            Value::Null,
        ] {
            assert!(!filter.plain_parts_hold(&facts("any", None, &metadata)));
        }
        assert!(!filter.plain_parts_hold(&Facts::default()));
    }

    #[test]
    fn a_misspelled_part_is_refused() {
        let error = toml::from_str::<Filter>(r#"type = "a""#).unwrap_err();
        assert!(error.to_string().contains("unknown field `type`"));
        let error = toml::from_str::<Filter>("types = 3").unwrap_err();
        assert!(error.to_string().contains("a string or a list of strings"));
    }
}
