//! Places in what sinks send that templates of the configuration fill.

use reqwest::header::HeaderValue;
use serde::de::IgnoredAny;

use super::SinkError;
use crate::template::Context;
use crate::template::Template;
use crate::template::TemplateError;

/// How long a header's value, or one in an address, may be, in bytes. Few servers take more, and
/// what they answer to it looks like a trouble that passes.
const VALUE_LIMIT: usize = 4 * 1024;

/// A place in what a sink sends that a template fills.
#[derive(Clone, Debug)]
pub struct Slot {
    keys: Vec<String>,
    template: Template,
    takes: Takes,
}

/// What a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any text.
    Text,
    /// Any text but an empty one: what people are told.
    Words,
    /// JSON.
    Json,
    /// What can stand in a header.
    Header,
    /// A value in the query of an address.
    Query,
}

impl Slot {
    /// The place of a template that stands under these keys of its sink, one in the other.
    pub(super) fn new(keys: &[&str], template: &Template, takes: Takes) -> Self {
        Self {
            keys: keys.iter().map(|&key| key.to_owned()).collect(),
            template: template.clone(),
            takes,
        }
    }

    /// The keys of its template, from the sink's own on.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }

    /// Its template.
    #[must_use]
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// What its template makes of an event. Fails where the template does, and where the place does
    /// not take what it printed.
    pub fn fill(&self, seen: &Context) -> Result<String, TemplateError> {
        let text = self.template.render(seen)?;
        match self.takes.objection(&text) {
            Some(objection) => Err(TemplateError::new(objection)),
            None => Ok(text),
        }
    }

    /// The same for an event that is to be sent. What fails stays so: the same template makes the
    /// same of the same event, however often it is tried.
    pub(super) fn filled(&self, seen: &Context) -> Result<String, SinkError> {
        self.fill(seen).map_err(|error| SinkError::Unsendable {
            cause: anyhow::Error::new(error).context(format!("`{}` fails", self.keys.join("."))),
        })
    }
}

impl Takes {
    /// Why a text cannot stand there. It is not quoted: it holds what strangers sent.
    fn objection(self, text: &str) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Words => text.trim().is_empty().then(|| {
                "this printed nothing, and an empty message is none: keep the event away with `filter`"
                    .to_owned()
            }),
            Self::Json => {
                let error = serde_json::from_str::<IgnoredAny>(text).err()?;
                Some(format!(
                    "this printed what is no JSON: {error}; `{{{{ … | tojson }}}}` prints a text \
                     with its quotes"
                ))
            }
            Self::Header if HeaderValue::from_bytes(text.as_bytes()).is_err() => Some(
                "this printed what no header can hold, such as the end of a line; \
                 `{{ … | urlencode }}` and `{{ … | tojson }}` print such a text on one line"
                    .to_owned(),
            ),
            Self::Header | Self::Query => (text.len() > VALUE_LIMIT).then(|| {
                format!(
                    "this printed {} bytes, and here only {VALUE_LIMIT} have room; \
                     `{{{{ … | cut(100) }}}}` prints the first of a text",
                    text.len()
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fill(takes: Takes, source: &str) -> Result<String, String> {
        let seen = Context::of(&json!({ "text": "two\r\nlines: \"1\"", "long": "x".repeat(5000) }));
        let slot = Slot::new(&["template", "a"], &source.parse().unwrap(), takes);
        slot.fill(&seen.unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_takes_what_can_stand_there() {
        assert_eq!(fill(Takes::Text, "").as_deref(), Ok(""));
        assert_eq!(fill(Takes::Words, " a").as_deref(), Ok(" a"));
        assert_eq!(
            fill(Takes::Json, r#"{"a": {{ text | tojson }}}"#).as_deref(),
            Ok(r#"{"a": "two\r\nlines: \"1\""}"#)
        );
        assert_eq!(fill(Takes::Header, "süd").as_deref(), Ok("süd"));
        assert!(fill(Takes::Header, "{{ text | urlencode }}").is_ok());
        assert!(fill(Takes::Header, "{{ text | tojson }}").is_ok());
        assert!(fill(Takes::Query, "{{ text }}").is_ok());
        assert!(fill(Takes::Json, "{{ long | tojson }}").is_ok());
    }

    #[test]
    fn what_cannot_stand_there_is_told_and_not_quoted() {
        let told = |takes, source| fill(takes, source).unwrap_err();
        insta::assert_snapshot!(told(Takes::Json, r#"{"a": "{{ text }}"}"#), @r"this printed what is no JSON: control character (\u0000-\u001F) found while parsing a string at line 1 column 10; `{{ … | tojson }}` prints a text with its quotes");
        insta::assert_snapshot!(told(Takes::Words, " \n"), @"this printed nothing, and an empty message is none: keep the event away with `filter`");
        insta::assert_snapshot!(told(Takes::Json, ""), @"this printed what is no JSON: EOF while parsing a value at line 1 column 0; `{{ … | tojson }}` prints a text with its quotes");
        insta::assert_snapshot!(told(Takes::Header, "{{ text }}"), @"this printed what no header can hold, such as the end of a line; `{{ … | urlencode }}` and `{{ … | tojson }}` print such a text on one line");
        insta::assert_snapshot!(told(Takes::Query, "{{ long }}"), @"this printed 5000 bytes, and here only 4096 have room; `{{ … | cut(100) }}` prints the first of a text");
        insta::assert_snapshot!(told(Takes::Header, "{{ long }}"), @"this printed 5000 bytes, and here only 4096 have room; `{{ … | cut(100) }}` prints the first of a text");
    }

    #[test]
    fn what_fails_is_told_with_its_key_and_not_tried_again() {
        let slot = Slot::new(
            &["template", "headers", "x-team"],
            &"{{ team }}".parse().unwrap(),
            Takes::Header,
        );
        let error = slot.filled(&Context::of(&json!({})).unwrap()).unwrap_err();
        assert!(matches!(error, SinkError::Unsendable { .. }));
        insta::assert_snapshot!(error, @r#"cannot be sent: `template.headers.x-team` fails: column 4 (`team`): `team` is undefined; not every event has it: write `… | default("…")`, or ask whether it `is defined`"#);
    }
}
