//! How a task stands, in one vocabulary for all of the vendor's.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

use super::vocabulary;

/// How a task stands. `docs/tasks.md` lists the vendor's words behind each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Accepted, and not yet at work.
    Created,
    /// At work.
    Running,
    /// Halted until somebody lets it go on.
    Paused,
    /// A session whose turn is done, and which takes another.
    Idle,
    /// Ended by itself.
    Finished,
    /// Ended by an error, or because its time was up.
    Failed,
    /// Ended by somebody.
    Stopped,
    /// A word of the vendor's that we do not know: the vendor adds some without asking us, so it
    /// is kept as it is.
    Other(Box<str>),
}

impl TaskState {
    /// Those of which nothing more comes.
    pub const ENDS: [Self; 3] = [Self::Finished, Self::Failed, Self::Stopped];

    /// The state that a word of the vendor's means. Our own words mean themselves.
    #[must_use]
    pub fn of(word: &str) -> Self {
        vocabulary::state(word).unwrap_or_else(|| Self::Other(word.into()))
    }

    /// Our word for it, and the vendor's own where we do not know it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Idle => "idle",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Other(word) => word,
        }
    }

    /// Every word of the vendor's that means this state.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Other(word) => vec![word],
            known => vocabulary::words(known).to_vec(),
        }
    }

    /// Whether nothing more comes of it. An idle session has not ended: it takes another turn.
    #[must_use]
    pub fn ended(&self) -> bool {
        Self::ENDS.contains(self)
    }

    /// Whether it did what it was asked and takes more: whoever waits for an answer has it.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        *self == Self::Idle
    }

    /// How far along a task's life this is. What has a lower rank than what is known was
    /// overtaken on its way. States that may alternate share a rank, and a word we do not know
    /// stands with them, so that it neither undoes an end nor is taken for one.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Created => 0,
            Self::Running | Self::Paused | Self::Idle | Self::Other(_) => 1,
            Self::Finished | Self::Failed | Self::Stopped => 2,
        }
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TaskState {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(Self::of(word))
    }
}

impl<'de> Deserialize<'de> for TaskState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self::of(&word))
    }
}

impl Serialize for TaskState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_words_mean_themselves() {
        for state in vocabulary::states() {
            assert_eq!(TaskState::of(state.as_str()), *state);
            assert_eq!(state.words()[0], state.as_str());
        }
    }

    #[test]
    fn a_word_nobody_knows_is_kept_and_is_no_end() {
        let state = TaskState::of("Finished, nearly");
        assert_eq!(state, TaskState::Other("Finished, nearly".into()));
        assert_eq!(state.words(), ["Finished, nearly"]);
        assert_eq!(state.to_string(), "Finished, nearly");
        assert!(!state.ended());
    }

    #[test]
    fn only_an_end_has_the_highest_rank() {
        let unknown = TaskState::of("brand new");
        assert!(TaskState::Created.rank() < unknown.rank());
        for state in vocabulary::states().cloned().chain([unknown]) {
            assert_eq!(state.rank() == 2, state.ended(), "{state}");
        }
    }
}
