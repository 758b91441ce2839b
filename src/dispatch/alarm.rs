//! When to look for something due.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use tokio::sync::Notify;

/// Nobody knows when something is due next.
const UNKNOWN: i64 = i64::MIN;

/// Nothing known is due, ever.
const NEVER: i64 = i64::MAX;

/// Wakes the dispatcher: at once when it rings, else at the time it is set to.
///
/// The time is a lower bound, in microseconds: nothing is due before it that does not ring. So the
/// store is asked once for each wait, and not at each wake.
#[derive(Debug)]
pub(super) struct Alarm {
    bell: Notify,
    next: AtomicI64,
}

impl Alarm {
    /// An alarm that does not know its time yet.
    pub(super) fn new() -> Self {
        Self {
            bell: Notify::new(),
            next: AtomicI64::new(UNKNOWN),
        }
    }

    /// Asks for a look now. It is heard even if nobody is listening yet.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Returns once it has rung since the last time.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Asks for a look at this time, if none was to come before.
    pub(super) fn set(&self, at: Timestamp) {
        self.next.fetch_min(at.as_microsecond(), Ordering::SeqCst);
    }

    /// Forgets the time: something may be due before it.
    pub(super) fn forget(&self) {
        self.next.store(UNKNOWN, Ordering::SeqCst);
    }

    /// Begins to ask for the time anew. Whoever calls `set` or `forget` from here on is heard.
    pub(super) fn clear(&self) {
        self.next.store(NEVER, Ordering::SeqCst);
    }

    /// The time it is set to, unless it has to be asked for anew.
    pub(super) fn next(&self, now: Timestamp) -> Next {
        let next = self.next.load(Ordering::SeqCst);
        if next <= now.as_microsecond() {
            return Next::Unknown;
        }
        match Timestamp::from_microsecond(next) {
            Ok(at) => Next::At(at),
            // Past the end of all time.
            Err(_) => Next::Never,
        }
    }
}

/// When to look next, if nothing rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It has to be asked for.
    Unknown,
    /// At this time.
    At(Timestamp),
    /// Nothing is due.
    Never,
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn later(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn the_earliest_time_wins() {
        let alarm = Alarm::new();
        assert_eq!(alarm.next(NOW), Next::Unknown);
        alarm.clear();
        assert_eq!(alarm.next(NOW), Next::Never);
        alarm.set(later(60));
        alarm.set(later(5));
        alarm.set(later(30));
        assert_eq!(alarm.next(NOW), Next::At(later(5)));
    }

    #[test]
    fn a_time_that_has_come_is_asked_for_anew() {
        let alarm = Alarm::new();
        alarm.clear();
        alarm.set(later(5));
        assert_eq!(alarm.next(later(5)), Next::Unknown);
    }

    #[test]
    fn what_is_forgotten_while_somebody_asks_stays_forgotten() {
        let alarm = Alarm::new();
        alarm.clear();
        alarm.forget();
        alarm.set(later(5));
        assert_eq!(alarm.next(NOW), Next::Unknown);
    }

    #[tokio::test]
    async fn a_ring_that_nobody_heard_is_heard_later() {
        let alarm = Alarm::new();
        alarm.ring();
        alarm.rung().await;
    }
}
