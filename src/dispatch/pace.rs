//! How many tries may begin, where a sink has a rate.

use jiff::Timestamp;

use crate::rate::Rate;
use crate::rate::Window;

/// Counts the tries of a sink by the moment they begin, and before that those that were claimed:
/// what is claimed has its turn for certain, and waits for it with nothing in hand.
#[derive(Debug)]
pub(super) struct Pace {
    window: Window<Timestamp>,
    /// How many were claimed and have not begun.
    claimed: usize,
}

impl Pace {
    /// A pace at which nothing has begun.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            window: Window::new(rate),
            claimed: 0,
        }
    }

    /// How many may be claimed now.
    pub(super) fn room(&mut self, now: Timestamp) -> usize {
        self.window.room(now).saturating_sub(self.claimed)
    }

    /// When there is room again; none where that depends on those that were claimed.
    pub(super) fn opens_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        match self.window.room(now) {
            0 => self.window.opens(),
            _ => None,
        }
    }

    /// One was claimed.
    pub(super) fn claim(&mut self) {
        self.claimed += 1;
    }

    /// One that was claimed begins.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.claimed = self.claimed.saturating_sub(1);
        self.window.begin(now);
    }

    /// One that was claimed does not begin after all.
    pub(super) fn give_back(&mut self) {
        self.claimed = self.claimed.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_claimed_counts_before_it_begins_and_not_once_it_is_given_back() {
        let now = Timestamp::UNIX_EPOCH;
        let mut pace = Pace::new(Rate::per_second(3));
        assert_eq!(pace.room(now), 3);
        for _ in 0..3 {
            pace.claim();
        }
        assert_eq!((pace.room(now), pace.opens_at(now)), (0, None));

        pace.give_back();
        assert_eq!(pace.room(now), 1);
        // It counts from the moment it begins, however long before it was claimed.
        let later = now + Duration::from_secs(5);
        pace.begin(later);
        pace.begin(later);
        assert_eq!(pace.room(later), 1);
        pace.claim();
        pace.begin(later);
        let opens = later + Duration::from_secs(1);
        assert_eq!((pace.room(later), pace.opens_at(later)), (0, Some(opens)));
        assert_eq!(pace.room(opens), 3);
    }
}
