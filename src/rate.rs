//! How often something may happen: `"2/s"`, `"100/m"`.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// So many times in each stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate {
    /// How many times.
    pub times: NonZeroU32,
    /// In how long.
    pub per: Duration,
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a rate like \"2/s\", \"100/m\" or \"1000/h\"")]
pub struct RateError;

/// The letters for the stretches of time, and their length in seconds.
const UNITS: [(&str, u64); 3] = [("s", 1), ("m", 60), ("h", 3600)];

impl Rate {
    /// So many times a second; at least once.
    #[must_use]
    pub fn per_second(times: u32) -> Self {
        Self {
            times: NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN),
            per: Duration::from_secs(1),
        }
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (times, unit) = text.split_once('/').ok_or(RateError)?;
        let (_, seconds) = UNITS
            .into_iter()
            .find(|(letter, _)| *letter == unit.trim())
            .ok_or(RateError)?;
        Ok(Self {
            times: times.trim().parse().ok().ok_or(RateError)?,
            per: Duration::from_secs(seconds),
        })
    }
}

impl TryFrom<String> for Rate {
    type Error = RateError;

    fn try_from(text: String) -> Result<Self, RateError> {
        text.parse()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .into_iter()
            .find(|(_, seconds)| *seconds == self.per.as_secs())
            .map_or("s", |(letter, _)| letter);
        write!(f, "{}/{unit}", self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_as_it_is_written() {
        for text in ["2/s", "100/m", "1/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for bad in ["2", "0/s", "-1/s", "2/d", "/s", ""] {
            assert_eq!(bad.parse::<Rate>(), Err(RateError), "{bad:?}");
        }
    }
}
