//! Templates: texts with places that an event fills.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use minijinja::Environment;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use super::Context;
use super::Escape;
use super::TemplateError;
use super::engine;

/// No template is longer than this, in bytes.
const LENGTH_LIMIT: usize = 64 * 1024;

/// No template may print more than this, in bytes.
const OUTPUT_LIMIT: usize = 8 * 1024 * 1024;

/// The name under which an engine knows its only template.
const NAME: &str = "template";

/// A text with places that an event fills, like `Task {{ task_id }} is {{ status }}.`
///
/// What an event does not have is an error.
#[derive(Clone)]
pub struct Template {
    source: Arc<str>,
    engine: Arc<Environment<'static>>,
}

impl Template {
    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The same for a text in somebody's markup: what an event fills in means nothing there but
    /// itself. What the template says is its owner's markup, and so is what it calls `safe`.
    #[must_use]
    pub fn escaping(&self, escape: Escape) -> Self {
        Self::read(engine::for_markup(escape), &self.source).expect("it was read before")
    }

    /// The text with its places filled.
    pub fn render(&self, context: &Context) -> Result<String, TemplateError> {
        let compiled = self.engine.get_template(NAME);
        let text = compiled
            .and_then(|template| template.render(context.value()))
            .map_err(|error| TemplateError::failed(&error, &self.source))?;
        if text.len() > OUTPUT_LIMIT {
            return Err(TemplateError::new(format!(
                "this printed more than the {OUTPUT_LIMIT} bytes that a template may print"
            )));
        }
        Ok(text)
    }

    /// The names that it takes from what it is shown: those before the first dot.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.undeclared(false)
    }

    /// The same with what it takes of them, as far as it is written with dots.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.undeclared(true)
    }

    fn undeclared(&self, nested: bool) -> Vec<String> {
        let compiled = self.engine.get_template(NAME);
        let names = compiled.map(|template| template.undeclared_variables(nested));
        engine::of_others(&self.engine, names.unwrap_or_default())
    }

    fn read(mut engine: Environment<'static>, source: &str) -> Result<Self, TemplateError> {
        engine
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| TemplateError::unreadable(&error, source))?;
        Ok(Self {
            source: source.into(),
            engine: Arc::new(engine),
        })
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(source: &str) -> Result<Self, TemplateError> {
        if source.len() > LENGTH_LIMIT {
            return Err(TemplateError::new(format!(
                "this is longer than the {LENGTH_LIMIT} bytes that a template may have"
            )));
        }
        Self::read(engine::for_templates(), source)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Template {}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.source).finish()
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = Cow::<str>::deserialize(deserializer)?;
        source.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn rendered(source: &str, event: &Value) -> Result<String, String> {
        let context = Context::of(event).unwrap();
        let template: Template = source
            .parse()
            .map_err(|error: TemplateError| error.to_string())?;
        template.render(&context).map_err(|error| error.to_string())
    }

    fn event() -> Value {
        json!({
            "task_id": "t-1", "status": "finished", "ended": true, "session_id": null,
            "occurred_at": "2026-07-01T21:30:00.5Z", "metadata": {}, "n": 1.5, "whole": 3,
            "output": "say \"hi\"\n& go",
            "task": { "files": [{ "name": "a b.txt" }, { "name": "c.txt" }] },
        })
    }

    #[test]
    fn a_text_is_printed_as_it_is_and_all_else_as_json_writes_it() {
        let printed = |source| rendered(source, &event()).unwrap();
        assert_eq!(
            printed("Task {{ task_id }} is {{ status }}."),
            "Task t-1 is finished."
        );
        assert_eq!(
            printed("{{ ended }} {{ session_id }} {{ n }} {{ whole }}"),
            "true null 1.5 3"
        );
        assert_eq!(
            printed("{{ task.files }}"),
            r#"[{"name":"a b.txt"},{"name":"c.txt"}]"#
        );
        assert_eq!(printed("{{ 'x' if session_id }}"), "");
    }

    #[test]
    fn the_filters_of_our_own() {
        let printed = |source| rendered(source, &event()).unwrap();
        assert_eq!(printed("{{ output | json }}"), r#""say \"hi\"\n& go""#);
        assert_eq!(printed("{{ output | tojson }}"), r#""say \"hi\"\n& go""#);
        assert_eq!(printed("{{ metadata | json(indent=2) }}"), "{}");
        assert_eq!(printed("{{ output | cut(5) }}"), "say …");
        assert_eq!(
            printed("{{ occurred_at | date('%d.%m. %H:%M') }}"),
            "01.07. 21:30"
        );
        assert_eq!(
            printed("{{ occurred_at | date('%d.%m. %H:%M', tz='Europe/Berlin') }}"),
            "01.07. 23:30"
        );
        assert_eq!(printed("{{ occurred_at | timestamp }}"), "1782941400");
    }

    #[test]
    fn those_of_the_engine_that_people_expect() {
        let printed = |source| rendered(source, &event()).unwrap();
        assert_eq!(
            printed("{{ status | upper }} {{ status | capitalize }}"),
            "FINISHED Finished"
        );
        assert_eq!(
            printed("{{ task.files | map(attribute='name') | join(', ') }}"),
            "a b.txt, c.txt"
        );
        assert_eq!(printed("{{ metadata.team | default('nobody') }}"), "nobody");
        assert_eq!(printed("{{ session_id | default('none', true) }}"), "none");
        assert_eq!(
            printed("{{ output | urlencode }}"),
            "say%20%22hi%22%0A%26%20go"
        );
        assert_eq!(
            printed("{% for file in task.files %}{{ loop.index }} {{ file.name }};{% endfor %}"),
            "1 a b.txt;2 c.txt;"
        );
    }

    #[test]
    fn what_an_event_does_not_have_is_an_error() {
        let failure = |source| rendered(source, &event()).unwrap_err();
        insta::assert_snapshot!(failure("For {{ metadata.team }}"), @r#"column 8 (`metadata.team`): `metadata.team` is undefined; not every event has it: write `… | default("…")`, or ask whether it `is defined`"#);
        insta::assert_snapshot!(failure("{{ nothing }}"), @r#"column 4 (`nothing`): `nothing` is undefined; not every event has it: write `… | default("…")`, or ask whether it `is defined`"#);
        insta::assert_snapshot!(failure("{% if metadata.team %}x{% endif %}"), @r#"column 7 (`metadata.team`): `metadata.team` is undefined; not every event has it: write `… | default("…")`, or ask whether it `is defined`"#);
        insta::assert_snapshot!(failure("{{ session_id | date('%H') }}"), @"column 17 (`date('%H')`): value is not a string");
        insta::assert_snapshot!(failure("{{ task_id | date('%H') }}"), @r#"column 14 (`date('%H')`): this is no time, like "2026-11-28T18:00:00Z""#);
        insta::assert_snapshot!(failure("{{ occurred_at | date('%H', tz='Mars') }}"), @r#"column 18 (`date('%H', tz='Mars')`): `tz` is no time zone, like "Europe/Berlin": failed to find time zone `Mars` in time zone database"#);
        insta::assert_snapshot!(failure("{{ occurred_at | date('%!') }}"), @"column 18 (`date('%!')`): this format cannot be written: strftime formatting failed: found unrecognized specifier directive `!`");
    }

    #[test]
    fn nothing_but_the_event_can_be_read() {
        for source in [
            "{% include '/etc/passwd' %}",
            "{% extends 'x' %}",
            "{% import 'x' as x %}",
            "{{ debug() }}",
            "{{ env }}",
        ] {
            assert!(rendered(source, &event()).is_err(), "{source}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let fault = |source: &str| rendered(source, &event()).unwrap_err();
        insta::assert_snapshot!(fault("Task {{ task_id }"), @"column 17: unexpected `}`, expected end of variable block");
        insta::assert_snapshot!(fault("{% if ended %}\nover"), @"line 1, column 15: unexpected end of input, expected end of block");
        insta::assert_snapshot!(fault("{% include 'x' %}"), @"column 4: unknown statement include");
        insta::assert_snapshot!(fault(&"x".repeat(100_000)), @"this is longer than the 65536 bytes that a template may have");
    }

    #[test]
    fn no_template_can_take_long_or_print_much() {
        let endless =
            "{% for a in range(10000) %}{% for b in range(10000) %}.{% endfor %}{% endfor %}";
        for source in [
            endless,
            "{{ 'a' * 99000000 }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{{ 'a' * 9000000 }}",
        ] {
            assert!(rendered(source, &event()).is_err(), "{source}");
        }
        let large = json!({ "output": "x".repeat(2_000_000) });
        assert!(rendered("{{ output | json }}", &large).unwrap().len() > 2_000_000);
    }

    #[test]
    fn in_markup_an_event_means_nothing_but_itself() {
        let printed = |source: &str| {
            let template: Template = source.parse().unwrap();
            let template = template.escaping(|c| (c == '&').then_some("&amp;"));
            template.render(&Context::of(&event()).unwrap()).unwrap()
        };
        assert_eq!(printed("R&D {{ output }}"), "R&D say \"hi\"\n&amp; go");
        assert_eq!(
            printed("{{ '&' }}{{ '&' | safe }}{{ '&' | e }}"),
            "&amp;&&amp;"
        );
        assert_eq!(printed("{{ ['&'] }}"), r#"["&amp;"]"#);
        assert_eq!(
            printed("{% set a %}&{{ '&' }}{% endset %}{{ a }}"),
            "&&amp;"
        );
        assert_eq!(
            printed("{% macro m(a) %}&{{ a }}{% endmacro %}{{ m('&') }}"),
            "&&amp;"
        );
    }

    #[test]
    fn a_template_knows_what_it_asks_of_an_event() {
        let source =
            "{% set a = task_id %}{% for f in task.files %}{{ f.name }}{{ a }}{% endfor %}";
        let template: Template = source.parse().unwrap();
        assert_eq!(template.names(), ["task", "task_id"]);
        assert_eq!(template.paths(), ["task.files", "task_id"]);
    }
}
