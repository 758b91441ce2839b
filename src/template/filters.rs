//! What Tidings adds to the engine's own filters, and how values are printed.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::Output;
use minijinja::State;
use minijinja::Value;
use minijinja::value::Kwargs;

use super::Length;

/// How many bytes of JSON cost one of fuel: writing it is slower than copying text.
const JSON_BYTES: usize = 8;

/// Adds the filters.
pub(super) fn add_to(environment: &mut Environment<'_>) {
    environment.add_filter("json", json);
    environment.add_filter("tojson", json);
    environment.add_filter("cut", cut);
    environment.add_filter("date", date);
    environment.add_filter("timestamp", timestamp);
    environment.set_formatter(print);
}

/// What stands in somebody's markup for a character that means something there; none where the
/// character stands for itself.
pub type Escape = fn(char) -> Option<&'static str>;

/// Prints a value.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    out.write_str(&printed(state, value)?)?;
    Ok(())
}

/// Prints a value into somebody's markup. What was escaped already is printed as it is.
pub(super) fn print_escaped(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
    escape: Escape,
) -> Result<(), Error> {
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
        return print(out, state, value);
    }
    for character in printed(state, value)?.chars() {
        match escape(character) {
            Some(escaped) => out.write_str(escaped)?,
            None => out.write_char(character)?,
        }
    }
    Ok(())
}

/// A text as it is and everything else as JSON: what sinks get is JSON, and `true` and `null` mean
/// there what they say.
fn printed<'a>(state: &State<'_, '_>, value: &'a Value) -> Result<Cow<'a, str>, Error> {
    match value.as_str() {
        Some(text) => Ok(text.into()),
        None if value.is_undefined() => Ok("".into()),
        None => Ok(written(state, value, false)?.into()),
    }
}

/// A value as JSON, on one line unless `indent` asks for more.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands its options over"
)]
fn json(state: &State<'_, '_>, value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<Value> = options.get("indent")?;
    options.assert_all_used()?;
    written(state, value, indent.is_some_and(|indent| indent.is_true()))
}

fn written(state: &State<'_, '_>, value: &Value, indented: bool) -> Result<String, Error> {
    let written = if indented {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    let text =
        written.map_err(|error| wrong("this is nothing that JSON knows").with_source(error))?;
    state.consume_fuel((text.len() / JSON_BYTES) as u64)?;
    Ok(text)
}

/// The beginning of a text, at most so many characters with the `…` behind it.
fn cut(text: &str, characters: usize) -> String {
    super::cut(text, Length::Characters(characters)).into_owned()
}

/// A time as `strftime` writes it, in UTC or in the zone `tz`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the engine hands its options over"
)]
fn date(text: &str, format: &str, options: Kwargs) -> Result<String, Error> {
    let zone: Option<&str> = options.get("tz")?;
    options.assert_all_used()?;
    let zone = match zone {
        Some(name) => TimeZone::get(name).map_err(|error| {
            wrong("`tz` is no time zone, like \"Europe/Berlin\"").with_source(error)
        })?,
        None => TimeZone::UTC,
    };
    let time = time(text)?.to_zoned(zone);
    strtime::format(format, &time)
        .map_err(|error| wrong("this format cannot be written").with_source(error))
}

/// A time in whole seconds since 1970.
fn timestamp(text: &str) -> Result<i64, Error> {
    time(text).map(Timestamp::as_second)
}

fn time(text: &str) -> Result<Timestamp, Error> {
    // Without the parser's own words: they may quote an event, which belongs into no log.
    let time = text.parse().ok();
    time.ok_or_else(|| wrong("this is no time, like \"2026-11-28T18:00:00Z\""))
}

fn wrong(sentence: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, sentence)
}
