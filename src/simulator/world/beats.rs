//! The beats of a life: when each comes, with pauses in between, until somebody stops it.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

/// The beats of a life, all equally far apart. The first, number 0, is its creation.
#[derive(Clone, Debug)]
pub(super) struct Beats {
    first: Timestamp,
    /// How long it is from one to the next.
    pub(super) pace: SignedDuration,
    pauses: Vec<(Timestamp, Timestamp)>,
    pub(super) paused_at: Option<Timestamp>,
    pub(super) stopped_at: Option<Timestamp>,
}

impl Beats {
    pub(super) fn new(first: Timestamp, pace: Duration) -> Self {
        Self {
            first,
            pace: SignedDuration::try_from(pace).unwrap_or(SignedDuration::MAX),
            pauses: Vec::new(),
            paused_at: None,
            stopped_at: None,
        }
    }

    /// Goes on after a pause, if there is one.
    pub(super) fn resume(&mut self, now: Timestamp) {
        if let Some(paused_at) = self.paused_at.take() {
            self.pauses.push((paused_at, now));
        }
    }

    /// When a beat came, if it has by `now`.
    pub(super) fn passed(&self, beat: u32, now: Timestamp) -> Option<Timestamp> {
        let until = self.stopped_at.or(self.paused_at).unwrap_or(now).min(now);
        let at = self.at(beat);
        (at <= until).then_some(at)
    }

    /// When a beat comes, moved by each pause before it.
    pub(super) fn at(&self, beat: u32) -> Timestamp {
        let offset = i32::try_from(beat).ok();
        let offset = offset.and_then(|beat| self.pace.checked_mul(beat));
        let mut at = later(self.first, offset.unwrap_or(SignedDuration::MAX));
        for (from, to) in &self.pauses {
            if *from < at {
                at = later(at, to.duration_since(*from));
            }
        }
        at
    }
}

/// So much later, or at the end of all times.
pub(super) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_pause_moves_what_comes_after_it_and_nothing_before() {
        let mut beats = Beats::new(at(0), Duration::from_secs(10));
        beats.paused_at = Some(at(20));
        assert_eq!(beats.passed(2, at(1_000)), Some(at(20)));
        assert_eq!(beats.passed(3, at(1_000)), None);

        beats.resume(at(1_020));
        beats.resume(at(2_000));
        assert_eq!(beats.at(2), at(20));
        assert_eq!(beats.at(3), at(1_030));
        assert_eq!(beats.passed(3, at(1_029)), None);
        assert_eq!(beats.passed(3, at(1_030)), Some(at(1_030)));
    }

    #[test]
    fn nothing_comes_once_it_is_stopped() {
        let mut beats = Beats::new(at(0), Duration::from_secs(10));
        beats.stopped_at = Some(at(15));
        assert_eq!(beats.passed(1, at(99)), Some(at(10)));
        assert_eq!(beats.passed(2, at(99)), None);
    }

    #[test]
    fn a_pace_beyond_all_times_never_comes() {
        let beats = Beats::new(at(0), Duration::MAX);
        assert_eq!(beats.passed(1, at(1_000_000)), None);
    }
}
