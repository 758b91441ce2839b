//! How often something may happen: `"2/s"`, `"100/m"`.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Add;
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

/// When those began that still count, so that in no stretch of time more begin than a rate allows.
/// `T` is a moment, of whichever clock.
#[derive(Clone, Debug)]
pub struct Window<T> {
    rate: Rate,
    begun: VecDeque<T>,
}

impl<T: Copy + PartialOrd + Add<Duration, Output = T>> Window<T> {
    /// A window in which nothing has begun.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            begun: VecDeque::new(),
        }
    }

    /// How many more may begin now.
    pub fn room(&mut self, now: T) -> usize {
        self.forget(now);
        self.times().saturating_sub(self.begun.len())
    }

    /// When one more may begin; none: at once. It may have passed.
    #[must_use]
    pub fn opens(&self) -> Option<T> {
        let is_full = self.begun.len() >= self.times();
        let oldest = self.begun.front().filter(|_| is_full)?;
        Some(*oldest + self.rate.per)
    }

    /// One begins.
    pub fn begin(&mut self, now: T) {
        self.forget(now);
        self.begun.push_back(now);
    }

    /// What began too long ago no longer counts, and neither does what is yet to come: then the
    /// clock was set back.
    fn forget(&mut self, now: T) {
        while self.begun.back().is_some_and(|begun| *begun > now) {
            self.begun.pop_back();
        }
        let per = self.rate.per;
        while self.begun.front().is_some_and(|begun| *begun + per <= now) {
            self.begun.pop_front();
        }
    }

    fn times(&self) -> usize {
        self.rate.times.get() as usize
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn in_no_stretch_of_time_more_begin_than_the_rate_allows(
            times in 1_u32..20,
            pauses in prop::collection::vec(0_u64..3000, 1..200),
        ) {
            let mut window = Window::new(Rate::per_second(times));
            let mut now = Timestamp::UNIX_EPOCH;
            let mut begun = Vec::new();
            for pause in pauses {
                // Most ask at once, some after a while.
                now += Duration::from_millis(pause.saturating_sub(2000));
                now = window.opens().map_or(now, |opens| now.max(opens));
                prop_assert!(window.room(now) > 0);
                window.begin(now);
                begun.push(now);
            }
            for stretch in begun.windows(times as usize + 1) {
                let took = stretch[times as usize].duration_since(stretch[0]);
                prop_assert!(took.as_secs() >= 1);
            }
        }
    }

    #[test]
    fn what_the_rate_allows_begins_at_once() {
        let mut window = Window::new(Rate::per_second(2));
        let now = Timestamp::UNIX_EPOCH;
        for room in [2, 1] {
            assert_eq!(window.opens(), None);
            assert_eq!(window.room(now), room);
            window.begin(now);
        }
        assert_eq!(window.room(now), 0);
        assert_eq!(window.opens(), Some(now + Duration::from_secs(1)));
        assert_eq!(window.room(now + Duration::from_secs(1)), 2);
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nobody() {
        let mut window = Window::new(Rate::per_second(1));
        window.begin(Timestamp::UNIX_EPOCH + Duration::from_hours(1));
        assert_eq!(window.room(Timestamp::UNIX_EPOCH), 1);
    }
}
