//! Which turn of a session news belongs to.
//!
//! A task or a run ends once: all that is said of its end belongs to its only turn. A session may
//! go idle and take more, so its ends are told once a turn. The vendor does not number turns. They
//! are told apart by what was heard in between, and by when.

use jiff::Timestamp;

use super::Milestone;

/// What was told of a task's turns so far. The default is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// The last turn that was begun after another had ended; 0 if none was.
    pub begun: u32,
    /// The last end.
    pub ended: Option<TurnEnd>,
}

/// How the last turn that is known ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnEnd {
    /// Its number, from 1.
    pub turn: u32,
    /// Until when it was known that nothing had come after it.
    pub through: Timestamp,
    /// Whether nothing can come after it.
    pub is_final: bool,
}

/// How news came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The vendor told it as it happened: the same is not told twice without something in between.
    AsItHappened,
    /// We looked, and saw how it stood.
    ByLooking,
}

impl Turns {
    /// The turn that a milestone belongs to, said of the moment `at`. None: it is none of a turn
    /// that anybody waits for, such as the start of one that is over.
    #[must_use]
    pub fn place(&self, milestone: Milestone, at: Timestamp, heard: Heard) -> Option<u32> {
        let Some(last) = self.ended else {
            return Some(1);
        };
        let is_late = at <= last.through;
        match milestone {
            Milestone::Start => (!last.is_final && !is_late).then_some(last.turn + 1),
            _ if last.is_final => Some(last.turn),
            // It ends for good what may have been idle for long.
            Milestone::End => Some(last.turn + 1),
            Milestone::Turn if is_late => Some(last.turn),
            Milestone::Turn if self.begun > last.turn => Some(last.turn + 1),
            Milestone::Turn => match heard {
                Heard::AsItHappened => Some(last.turn + 1),
                Heard::ByLooking => Some(last.turn),
            },
        }
    }

    /// Notes a milestone of a turn that it was given a place in.
    pub fn note(&mut self, milestone: Milestone, turn: u32, at: Timestamp) {
        if milestone == Milestone::Start {
            if turn > 1 {
                self.begun = self.begun.max(turn);
            }
            return;
        }
        let end = TurnEnd {
            turn,
            through: at,
            is_final: milestone == Milestone::End,
        };
        if self.ended.is_none_or(|last| last.turn < turn) {
            self.ended = Some(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use Heard::AsItHappened;
    use Heard::ByLooking;
    use Milestone::End;
    use Milestone::Start;
    use Milestone::Turn;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Which turns a history falls into.
    fn places(history: &[(Milestone, i64, Heard)]) -> Vec<Option<u32>> {
        let mut turns = Turns::default();
        let place = |&(milestone, second, heard): &(Milestone, i64, Heard)| {
            let turn = turns.place(milestone, at(second), heard)?;
            turns.note(milestone, turn, at(second));
            Some(turn)
        };
        history.iter().map(place).collect()
    }

    #[test]
    fn what_ends_for_good_ends_once() {
        let history = [
            (Start, 1, AsItHappened),
            (End, 2, AsItHappened),
            (End, 3, AsItHappened),
            (End, 4, ByLooking),
            (Turn, 5, AsItHappened),
            (Start, 6, AsItHappened),
        ];
        let ones = [Some(1), Some(1), Some(1), Some(1), Some(1), None];
        assert_eq!(places(&history), ones);
    }

    #[test]
    fn every_turn_ends_once_whoever_tells() {
        let history = [
            (Turn, 1, AsItHappened),
            (Turn, 2, ByLooking),
            (Start, 3, AsItHappened),
            (Turn, 4, ByLooking),
            (Turn, 3, AsItHappened),
            (Turn, 5, ByLooking),
        ];
        let turns = [1, 1, 2, 2, 2, 2].map(Some);
        assert_eq!(places(&history), turns);
    }

    #[test]
    fn a_webhook_of_a_later_moment_ends_a_turn_whose_start_was_lost() {
        let history = [(Turn, 1, ByLooking), (Turn, 2, AsItHappened)];
        assert_eq!(places(&history), [Some(1), Some(2)]);
        let late = [(Turn, 2, ByLooking), (Turn, 1, AsItHappened)];
        assert_eq!(places(&late), [Some(1), Some(1)]);
    }

    #[test]
    fn the_end_of_an_idle_session_is_news() {
        let history = [
            (Turn, 1, AsItHappened),
            (End, 2, ByLooking),
            (End, 2, AsItHappened),
        ];
        assert_eq!(places(&history), [1, 2, 2].map(Some));
    }

    #[test]
    fn a_start_that_comes_late_begins_nothing() {
        let history = [
            (Turn, 2, AsItHappened),
            (Start, 1, AsItHappened),
            (Turn, 3, ByLooking),
        ];
        assert_eq!(places(&history), [Some(1), None, Some(1)]);
    }
}
