//! How long to wait before the next try, and when to give up.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error as _;

use crate::period;

/// How patient a sink's deliveries are.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// The wait after the first failure.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub first: Duration,

    /// What each wait is multiplied by to get the next: at least 1.
    #[serde(deserialize_with = "growth")]
    pub factor: f64,

    /// Where the waits stop growing. Also the most that a `Retry-After` can ask for.
    #[serde(serialize_with = "period::serialize", deserialize_with = "some_time")]
    pub longest: Duration,

    /// By how much of itself a wait is stretched at most, from 0 to 1, so that a sink that comes
    /// back is not met by everyone at once.
    #[serde(deserialize_with = "share")]
    pub jitter: f64,

    /// The first failure this long after the first try is the last.
    #[serde(with = "period")]
    pub give_up_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            factor: 2.0,
            longest: Duration::from_hours(1),
            jitter: 0.25,
            give_up_after: Duration::from_hours(7 * 24),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after the `attempt`-th failure, counting from 1.
    ///
    /// With the defaults: 5 s, 10 s, 20 s and so on up to 1 h, or as long as the sink asked for up
    /// to the same hour, each stretched by up to a quarter. `spread` is the share of that quarter,
    /// from 0.0 to 1.0; the caller draws it, which keeps this a plain function.
    #[must_use]
    pub fn delay(&self, attempt: NonZeroU32, asked: Option<Duration>, spread: f64) -> Duration {
        let doublings = i32::try_from(attempt.get() - 1).unwrap_or(i32::MAX);
        let grown = self.first.as_secs_f64() * self.factor.powi(doublings);
        // In seconds, because the product may be past anything that a `Duration` holds.
        let longest = self.longest.as_secs_f64();
        let asked = asked.unwrap_or_default().as_secs_f64();

        let seconds = grown.max(asked).min(longest) * (1.0 + self.jitter * spread);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Whether a failure at `now` is the last of a delivery whose give-up clock runs since `since`.
    #[must_use]
    pub fn gives_up(&self, since: Timestamp, now: Timestamp) -> bool {
        let patience = SignedDuration::try_from(self.give_up_after).unwrap_or(SignedDuration::MAX);
        now.duration_since(since) >= patience
    }
}

/// A wait of no time would try a broken sink as fast as the machine can.
pub(super) fn some_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let period = period::deserialize(deserializer)?;
    if period < Duration::from_millis(1) {
        return Err(D::Error::custom("a wait here is at least \"1ms\""));
    }
    Ok(period)
}

fn growth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let factor = f64::deserialize(deserializer)?;
    if !(1.0..=1000.0).contains(&factor) {
        return Err(D::Error::custom("`factor` is a number from 1 to 1000"));
    }
    Ok(factor)
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if !(0.0..=1.0).contains(&share) {
        return Err(D::Error::custom("`jitter` is a number from 0 to 1"));
    }
    Ok(share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nth(attempt: u32) -> NonZeroU32 {
        NonZeroU32::new(attempt).unwrap()
    }

    #[test]
    fn the_waits_double_from_five_seconds_to_an_hour() {
        let policy = RetryPolicy::default();
        let waits: Vec<u64> = (1..=12)
            .map(|attempt| policy.delay(nth(attempt), None, 0.0).as_secs())
            .collect();
        assert_eq!(
            waits,
            [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
        );
    }

    #[test]
    fn a_sink_may_ask_for_more_time_but_not_for_more_than_the_longest_wait() {
        let policy = RetryPolicy::default();
        let asked = |seconds| policy.delay(nth(1), Some(Duration::from_secs(seconds)), 0.0);
        assert_eq!(asked(1), Duration::from_secs(5));
        assert_eq!(asked(90), Duration::from_secs(90));
        assert_eq!(asked(86_400), policy.longest);
    }

    #[test]
    fn the_first_failure_past_the_give_up_time_is_the_last() {
        let policy = RetryPolicy::default();
        let first = Timestamp::UNIX_EPOCH;
        let week = SignedDuration::from_hours(7 * 24);
        assert!(!policy.gives_up(first, first + week - SignedDuration::from_secs(1)));
        assert!(policy.gives_up(first, first + week));
    }

    #[test]
    fn a_part_of_the_policy_keeps_the_other_defaults() {
        let policy: RetryPolicy = toml::from_str("first = \"1s\"\nfactor = 3").unwrap();
        let expected = RetryPolicy {
            first: Duration::from_secs(1),
            factor: 3.0,
            ..RetryPolicy::default()
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        for (bad, says) in [
            ("first = \"0s\"", "at least \"1ms\""),
            ("factor = 0.5", "from 1 to 1000"),
            ("jitter = 2", "from 0 to 1"),
            ("max = 3", "unknown field `max`"),
        ] {
            let error = toml::from_str::<RetryPolicy>(bad).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    proptest! {
        #[test]
        fn waits_never_shrink_and_never_pass_the_longest(
            attempt in 1u32..=u32::MAX - 1,
            asked in 0u64..10_000_000,
            spread in 0.0..=1.0f64,
        ) {
            let policy = RetryPolicy::default();
            let asked = Some(Duration::from_secs(asked));
            let this = policy.delay(nth(attempt), asked, 0.0);
            let next = policy.delay(nth(attempt + 1), asked, spread);
            prop_assert!(policy.first <= this);
            prop_assert!(this <= next);
            prop_assert!(next <= policy.longest.mul_f64(1.0 + policy.jitter));
        }
    }
}
