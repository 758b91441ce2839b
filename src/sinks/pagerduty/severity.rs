//! How severe is what goes wrong.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error;
use serde::de::IntoDeserializer as _;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;

use super::action::Alarm;

/// How severe something is, in PagerDuty's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Critical,
    Error,
    Warning,
    Info,
}

/// How severe is what goes wrong. Written as one word for all, or as a table.
//
// `remote` makes the reading of the table a function of the type's own, beside the trait's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct Severities {
    /// A task has failed.
    pub failed: Severity,
    /// A task has ended by itself, without what it was to come to.
    pub unsuccessful: Severity,
    /// A task takes too long.
    pub stuck: Severity,
    /// No webhooks come any more.
    pub silent: Severity,
    /// Something else that Tidings says of itself.
    pub other: Severity,
}

impl Severities {
    fn all(severity: Severity) -> Self {
        Self {
            failed: severity,
            unsuccessful: severity,
            stuck: severity,
            silent: severity,
            other: severity,
        }
    }

    /// How severe this is. A test is never more than it is.
    pub(super) fn of(self, alarm: Alarm) -> Severity {
        match alarm {
            Alarm::Failed => self.failed,
            Alarm::Unsuccessful => self.unsuccessful,
            Alarm::Stuck => self.stuck,
            Alarm::Silent => self.silent,
            Alarm::Other => self.other,
            Alarm::Test => Severity::Info,
        }
    }
}

impl Default for Severities {
    fn default() -> Self {
        Self {
            failed: Severity::Error,
            unsuccessful: Severity::Error,
            stuck: Severity::Warning,
            silent: Severity::Error,
            other: Severity::Warning,
        }
    }
}

impl<'de> Deserialize<'de> for Severities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrEach)
    }
}

struct OneOrEach;

impl<'de> Visitor<'de> for OneOrEach {
    type Value = Severities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"critical\", \"error\", \"warning\" or \"info\", or a table of them")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Severities, E> {
        Severity::deserialize(word.into_deserializer()).map(Severities::all)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Severities, A::Error> {
        Severities::deserialize(MapAccessDeserializer::new(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        severity: Severities,
    }

    fn read(toml: &str) -> Result<Severities, String> {
        let read: Result<Holder, _> = toml::from_str(toml);
        read.map(|holder| holder.severity)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_word_is_for_all_but_a_test_and_a_table_for_some() {
        let all = read(r#"severity = "critical""#).unwrap();
        assert_eq!(all.of(Alarm::Stuck), Severity::Critical);
        assert_eq!(all.of(Alarm::Test), Severity::Info);

        let some = read(r#"severity = { failed = "info" }"#).unwrap();
        assert_eq!(some.of(Alarm::Failed), Severity::Info);
        assert_eq!(some.of(Alarm::Silent), Severity::Error);
    }

    #[test]
    fn a_word_that_nobody_knows_is_refused() {
        for wrong in [
            r#"severity = "high""#,
            r#"severity = { failed = "high" }"#,
            r#"severity = { finished = "info" }"#,
            "severity = 1",
        ] {
            read(wrong).unwrap_err();
        }
    }
}
