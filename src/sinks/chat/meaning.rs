//! What a service says in words of its own when it does not take a message.

use anyhow::anyhow;

use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::post::Answer;
use crate::sinks::post::Judge;

/// A service's own word, and what it means.
#[derive(Clone, Copy, Debug)]
pub(in crate::sinks) struct Meaning {
    word: &'static str,
    fate: Fate,
    says: &'static str,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Again,
    Never,
}

impl Meaning {
    /// Somebody can set it right, so it is tried again. `says` tells what happened, and what to do.
    pub(in crate::sinks) const fn again(word: &'static str, says: &'static str) -> Self {
        let fate = Fate::Again;
        Self { word, fate, says }
    }

    /// It is about this very message, or the service says that it is over.
    pub(in crate::sinks) const fn never(word: &'static str, says: &'static str) -> Self {
        let fate = Fate::Never;
        Self { word, fate, says }
    }
}

/// What an answer means: by the service's own word where we know it, else by its status.
pub(in crate::sinks) fn judge(
    answer: Answer,
    word: Option<&str>,
    meanings: &[Meaning],
) -> Result<Receipt, SinkError> {
    let known = meanings.iter().find(|known| Some(known.word) == word);
    let Some(Meaning { word, fate, says }) = known else {
        return Judge::default().judge(answer);
    };
    let cause = anyhow!("answered {} ({word}): {says}", answer.status);
    Err(match fate {
        Fate::Again => answer.not_now(cause),
        Fate::Never => answer.refused(cause),
    })
}
