//! Lengths of time as people write them: `"90s"`, `"5m"`, `"3d"`.
//!
//! Named in `#[serde(with = "crate::period")]`, or `deserialize_with = "crate::period::deserialize"`.

use std::time::Duration;

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
    serializer.collect_str(&humantime::format_duration(*period))
}

/// Reads a length of time from text.
pub fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| {
        format!("\"{text}\" is no length of time ({error}): write it like \"90s\", \"5m\", \"3d\"")
    })
}

/// Tells a length of time to people, by its two largest units: `2days 3h`.
#[must_use]
pub fn rough(period: Duration) -> String {
    let exact = humantime::format_duration(Duration::from_secs(period.as_secs())).to_string();
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
    fn a_length_of_time_is_told_roughly() {
        assert_eq!(rough(Duration::from_millis(93_784_005)), "1day 2h");
        assert_eq!(rough(Duration::from_mins(5)), "5m");
        assert_eq!(rough(Duration::from_millis(3)), "0s");
    }
}
