//! Conditions: expressions that are true or false of an event.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use super::Context;
use super::TemplateError;
use super::engine;
use super::engine::CONDITIONS;

/// No condition is longer than this, in bytes.
const LENGTH_LIMIT: usize = 4 * 1024;

/// A condition, like `status == "finished" and metadata.team in ["sales", "support"]`.
///
/// What an event does not have is false, and so is whatever is asked of it.
#[derive(Clone)]
pub struct Expression {
    source: Arc<str>,
    compiled: Arc<minijinja::Expression<'static, 'static>>,
}

impl Expression {
    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is true.
    pub fn holds(&self, context: &Context) -> Result<bool, TemplateError> {
        let value = self.compiled.eval(context.value());
        let value = value.map_err(|error| TemplateError::failed(&error, &self.source))?;
        Ok(value.is_true())
    }

    /// The names that it takes from what it is shown: those before the first dot.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        engine::of_others(&CONDITIONS, self.compiled.undeclared_variables(false))
    }

    /// The same with what it takes of them, as far as it is written with dots.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        engine::of_others(&CONDITIONS, self.compiled.undeclared_variables(true))
    }
}

impl FromStr for Expression {
    type Err = TemplateError;

    fn from_str(source: &str) -> Result<Self, TemplateError> {
        if source.len() > LENGTH_LIMIT {
            return Err(TemplateError::new(format!(
                "this is longer than the {LENGTH_LIMIT} bytes that a condition may have"
            )));
        }
        let compiled = CONDITIONS
            .compile_expression_owned(source.to_owned())
            .map_err(|error| TemplateError::unreadable(&error, source))?;
        Ok(Self {
            source: source.into(),
            compiled: Arc::new(compiled),
        })
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = Cow::<str>::deserialize(deserializer)?;
        source.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn expression(source: &str) -> Expression {
        source.parse().unwrap()
    }

    fn holds_of(source: &str, event: &Value) -> Result<bool, String> {
        let context = Context::of(event).unwrap();
        let held = expression(source).holds(&context);
        held.map_err(|error| error.to_string())
    }

    fn event() -> Value {
        json!({
            "type": "agent.task.status_update", "status": "finished", "ended": true,
            "metadata": { "team": "marketing", "tier": "2" }, "run_id": null,
            "task": { "cost": "0.25", "output": "12 €" },
        })
    }

    #[test]
    fn a_condition_is_true_or_false_of_an_event() {
        for (source, expected) in [
            (r#"status == "finished""#, true),
            (r#"metadata.team in ["sales", "marketing"]"#, true),
            ("ended and not run_id", true),
            ("metadata.tier | int > 2", false),
            ("task.cost | float >= 0.2", true),
            (r#"type is startingwith "agent.""#, true),
            (r#""€" in task.output and task.output | length < 5"#, true),
        ] {
            assert_eq!(holds_of(source, &event()), Ok(expected), "{source}");
        }
    }

    #[test]
    fn what_an_event_does_not_have_is_false_and_no_mistake() {
        for event in [
            json!({}),
            json!({ "metadata": null }),
            json!({ "metadata": {} }),
        ] {
            for source in [
                r#"metadata.team == "x""#,
                "metadata.team",
                "metadata.team.lead",
                r#"metadata.team is startingwith "x""#,
                r#"metadata and "x" in metadata"#,
                r#"metadata.team in ["x"]"#,
                "task.cost | default(0) | float > 1",
                "metadata.tier > 2",
            ] {
                assert_eq!(holds_of(source, &event), Ok(false), "{source} of {event}");
            }
        }
    }

    #[test]
    fn what_cannot_be_answered_is_told_with_its_place() {
        let failure = |source| holds_of(source, &event()).unwrap_err();
        insta::assert_snapshot!(failure("task.output | int > 1"), @"column 15 (`int`): invalid float literal");
        insta::assert_snapshot!(failure("metadata.team | shout"), @"column 17 (`shout`): filter shout is unknown; docs/templates.md lists what there is");
        insta::assert_snapshot!(failure(r#""x" in run_id"#), @"cannot perform a containment check on this value");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let fault = |source: &str| source.parse::<Expression>().unwrap_err().to_string();
        insta::assert_snapshot!(fault(r#"status = "finished""#), @"column 8: unexpected input after expression");
        insta::assert_snapshot!(fault("status =="), @"column 8: unexpected end of input, expected expression");
        insta::assert_snapshot!(fault(""), @"column 1: unexpected end of input, expected expression");
        insta::assert_snapshot!(fault("a and\n (b"), @"line 2, column 3: unexpected end of input, expected `)`");
        insta::assert_snapshot!(fault(&"a or ".repeat(1000)), @"this is longer than the 4096 bytes that a condition may have");
    }

    #[test]
    fn no_condition_can_take_long_or_much() {
        for source in [
            "range(99999) | map('string') | map('string') | join | length > 1",
            r#"("a" * 90000000) | length > 1"#,
            "([1] * 99999999) | list | length > 1",
            "range(99999) | sort | length > 1",
        ] {
            let error = holds_of(source, &json!({})).unwrap_err();
            assert!(error.contains("too many steps"), "{source}: {error}");
        }
    }

    #[test]
    fn a_condition_knows_what_it_asks_of_an_event() {
        let expression = expression(r#"metadata.team in ["x"] and range(3) and task.cost | int"#);
        assert_eq!(expression.names(), ["metadata", "task"]);
        assert_eq!(expression.paths(), ["metadata.team", "task.cost"]);
    }
}
