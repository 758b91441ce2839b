//! After how many failures a sink is left alone, and for how long.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::dispatch::backoff::some_time;
use crate::period;

/// When a sink is left alone.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerPolicy {
    /// After so many failures in a row, of whichever deliveries; 0: never.
    pub failures: u32,

    /// How long until the first probe. Each that fails doubles the wait for the next.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub first: Duration,

    /// Where the waits between probes stop growing.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub longest: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 10,
            first: Duration::from_secs(10),
            longest: Duration::from_mins(5),
        }
    }
}

impl BreakerPolicy {
    /// How long to wait after so many probes that failed.
    pub(super) fn wait(&self, probes: u32) -> Duration {
        let doubled = 2_u32.checked_pow(probes);
        doubled
            .and_then(|times| self.first.checked_mul(times))
            .map_or(self.longest, |wait| wait.min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        for (bad, says) in [
            ("first = \"0s\"", "at least \"1ms\""),
            ("failures = -1", "invalid value"),
            ("probes = 3", "unknown field `probes`"),
        ] {
            let error = toml::from_str::<BreakerPolicy>(bad).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
