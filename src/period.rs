//! Lengths of time as people write them: `"90s"`, `"5m"`, `"3d"`.
//!
//! Named in `#[serde(with = "crate::period")]`, or `deserialize_with = "crate::period::deserialize"`.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Span;
use jiff::SpanRound;
use jiff::Unit;
use serde::Deserialize as _;
use serde::Deserializer;
use serde::Serializer;
use serde::de::Error as _;

/// Reads a length of time.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// Writes a length of time.
pub fn serialize<S: Serializer>(period: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&text(*period))
}

/// Reads a length of time from text.
pub fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| {
        format!("\"{text}\" is no length of time ({error}): write it like \"90s\", \"5m\", \"3d\"")
    })
}

/// Tells a length of time the way it is written in the configuration: `7d`, `1h 30m`, `250ms`. A
/// day has 24 hours, and nothing is longer than a day: months differ.
#[must_use]
pub fn text(period: Duration) -> String {
    let days = SpanRound::new().largest(Unit::Day).days_are_24_hours();
    SignedDuration::try_from(period)
        .and_then(Span::try_from)
        .and_then(|span| span.round(days))
        // Thousands of years: nobody reads the days.
        .map_or_else(
            |_| format!("{}s", period.as_secs()),
            |span| format!("{span:#}"),
        )
}

/// Tells a length of time to people, by its two largest units: `2d 3h`.
#[must_use]
pub fn rough(period: Duration) -> String {
    let exact = text(Duration::from_secs(period.as_secs()));
    let largest: Vec<_> = exact.split(' ').take(2).collect();
    largest.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_reads_as_people_write_it() {
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("3d"), Ok(Duration::from_hours(72)));
        assert!(parse("90").unwrap_err().contains("write it like \"90s\""));
    }

    #[test]
    fn a_length_of_time_is_told_as_it_is_written() {
        for written in ["7d", "90d", "400d", "1h 30m", "90d 1s", "5m", "250ms", "0s"] {
            assert_eq!(text(parse(written).unwrap()), written);
        }
        assert_eq!(text(Duration::from_secs(90)), "1m 30s");
        assert_eq!(text(Duration::MAX), format!("{}s", u64::MAX));
    }

    #[test]
    fn a_length_of_time_is_told_roughly() {
        assert_eq!(rough(Duration::from_millis(93_784_005)), "1d 2h");
        assert_eq!(rough(Duration::from_mins(5)), "5m");
        assert_eq!(rough(Duration::from_millis(3)), "0s");
    }
}
