//! How often something may happen.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

/// Lets something happen so many times in a burst, and afterwards so often on average.
///
/// It keeps one number, the moment at which the whole burst is available again: so asking costs
/// next to nothing, however many ask.
#[derive(Debug)]
pub(super) struct Pace {
    /// In microseconds since 1970.
    recovered_at: AtomicI64,
    /// In microseconds.
    interval: i64,
    /// The whole burst, in microseconds of recovery.
    burst: i64,
}

impl Pace {
    /// At most `burst` times at once, and `per_minute` times a minute on average.
    pub(super) fn new(per_minute: u32, burst: u32) -> Self {
        let interval = 60_000_000 / i64::from(per_minute.max(1));
        Self {
            recovered_at: AtomicI64::new(i64::MIN),
            interval,
            burst: interval * i64::from(burst.max(1)),
        }
    }

    /// Whether it may happen now. If so, it counts.
    pub(super) fn allows(&self, now: Timestamp) -> bool {
        let now = now.as_microsecond();
        self.recovered_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |recovered_at| {
                let after = recovered_at.max(now) + self.interval;
                (after - now <= self.burst).then_some(after)
            })
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_flood_gets_its_burst_and_then_its_share() {
        let pace = Pace::new(60, 3);
        let mut now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let allowed_of_ten = |now| (0..10).filter(|_| pace.allows(now)).count();

        assert_eq!(allowed_of_ten(now), 3);
        for _ in 0..5 {
            now += SignedDuration::from_secs(1);
            assert_eq!(allowed_of_ten(now), 1);
        }
        now += SignedDuration::from_hours(1);
        assert_eq!(allowed_of_ten(now), 3);
    }
}
