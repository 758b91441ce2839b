//! What was said of how a task stands, and what of it counts.

use jiff::Timestamp;

use super::Source;
use super::TaskState;

/// A word on how a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The vendor's word.
    pub word: Box<str>,
    /// Who said it.
    pub source: Source,
    /// When it was so.
    pub at: Timestamp,
    /// When we learned it.
    pub seen_at: Timestamp,
}

impl Status {
    /// What the word means.
    #[must_use]
    pub fn state(&self) -> TaskState {
        TaskState::of(&self.word)
    }

    /// Of two words on the same task, the one with the greater weight counts.
    ///
    /// An end outweighs everything else: nothing that comes late undoes it. Of two ends the Cloud
    /// API's own counts, then the later one, which the API would tell if it were asked now; then
    /// the graver. Of words on a task that goes on the latest counts, of the same moment the API's
    /// own, and a beginning only until there is another. The rest only sees to it that no two
    /// different words weigh the same.
    pub(super) fn weight(&self) -> impl Ord {
        let state = self.state();
        let is_api = self.source.is_api();
        (
            state.rank(),
            state.ended() && is_api,
            self.at,
            is_api,
            precedence(&state),
            (&*self.word, self.source, self.seen_at),
        )
    }
}

/// Which of two states counts that were told of the same moment: the one further on, and the
/// graver end.
fn precedence(state: &TaskState) -> u8 {
    match state {
        TaskState::Created | TaskState::Other(_) | TaskState::Finished => 0,
        TaskState::Running | TaskState::Stopped => 1,
        TaskState::Paused | TaskState::Failed => 2,
        TaskState::Idle => 3,
    }
}
