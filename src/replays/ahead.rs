//! What was found for a replay and is not owed yet: a page is read at a time, and owed in portions
//! that are much smaller.

use std::collections::VecDeque;

/// What was found beyond where a replay has come at a sink. Nothing but a page's memory: whoever
/// loses it reads again.
#[derive(Debug)]
pub(super) struct Ahead {
    /// Where the replay has come, when all that was taken from here is owed.
    from: i64,
    /// What is to be owed beyond that, in order.
    numbers: VecDeque<i64>,
    /// How far was looked.
    looked: i64,
}

impl Ahead {
    /// What was found between two numbers.
    pub(super) fn new(from: i64, numbers: impl IntoIterator<Item = i64>, looked: i64) -> Self {
        Self {
            from,
            numbers: numbers.into_iter().collect(),
            looked,
        }
    }

    /// Whether this goes on from there, and leads any further.
    pub(super) fn leads_on_from(&self, reached: i64) -> bool {
        self.from == reached && self.looked > reached
    }

    /// Takes the next few, at most so many, and says how far the replay has come with them.
    pub(super) fn take(&mut self, most: usize) -> (Vec<i64>, i64) {
        let taken: Vec<i64> = self.numbers.drain(..most.min(self.numbers.len())).collect();
        self.from = match taken.last() {
            Some(&last) if !self.numbers.is_empty() => last,
            // With the last of them, what lies beyond it and is not wanted is dealt with, too.
            _ => self.looked,
        };
        (taken, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_lead_to_their_last_number_and_the_last_one_to_the_end_of_what_was_looked_at() {
        let mut ahead = Ahead::new(10, [11, 14, 15], 20);
        assert!(ahead.leads_on_from(10) && !ahead.leads_on_from(11));
        assert_eq!(ahead.take(2), (vec![11, 14], 14));
        assert!(ahead.leads_on_from(14));
        assert_eq!(ahead.take(9), (vec![15], 20));
        assert!(!ahead.leads_on_from(20), "there is nothing more here");
        assert_eq!(Ahead::new(0, [], 7).take(9), (vec![], 7));
    }
}
