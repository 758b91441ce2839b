//! Who waits for a turn, and how each is told.

use tokio::sync::oneshot;

use super::Appended;
use super::StoreError;
use super::turn::Claimed;
use super::turn::Turn;
use super::turn::TurnOutcome;

/// Where one caller waits.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Who waits for what a turn does, each list in the turn's order.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) appends: Vec<Answer<Appended>>,
    pub(super) settles: Vec<Answer<Vec<bool>>>,
    pub(super) claims: Vec<Answer<Vec<Claimed>>>,
}

impl Answers {
    /// Tells everybody what was done. Who no longer waits has been told by its own time limit; what
    /// it asked for is done all the same.
    pub(super) fn give(self, outcome: TurnOutcome) {
        fn each<T>(answers: Vec<Answer<T>>, outcomes: Vec<T>) {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                answer.send(Ok(outcome)).ok();
            }
        }
        each(self.appends, outcome.appended);
        each(self.settles, outcome.settled);
        each(self.claims, outcome.claimed);
    }

    /// Tells everybody that nothing was done.
    pub(super) fn refuse(self, error: &StoreError) {
        fn each<T>(answers: Vec<Answer<T>>, error: &StoreError) {
            for answer in answers {
                answer.send(Err(error.share())).ok();
            }
        }
        each(self.appends, error);
        each(self.settles, error);
        each(self.claims, error);
    }
}

/// A turn for each part of `turn`, in the same order.
pub(super) fn singly(turn: Turn, answers: Answers) -> Vec<(Turn, Answers)> {
    let mut turns = Vec::with_capacity(turn.parts());
    for (append, answer) in turn.appends.into_iter().zip(answers.appends) {
        let mut single = (Turn::default(), Answers::default());
        single.0.appends.push(append);
        single.1.appends.push(answer);
        turns.push(single);
    }
    for (settle, answer) in turn.settles.into_iter().zip(answers.settles) {
        let mut single = (Turn::default(), Answers::default());
        single.0.settles.push(settle);
        single.1.settles.push(answer);
        turns.push(single);
    }
    for (claim, answer) in turn.claims.into_iter().zip(answers.claims) {
        let mut single = (Turn::default(), Answers::default());
        single.0.claims.push(claim);
        single.1.claims.push(answer);
        turns.push(single);
    }
    turns
}
