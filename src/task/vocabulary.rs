//! The vendor's words for how a task stands. They have drifted between the versions of its API
//! and its webhooks; `docs/tasks.md` says where each occurs, and a test holds the two equal.

use super::TaskState;

/// Every state, and the words that mean it: our own first.
const VOCABULARY: &[(TaskState, &[&str])] = &[
    (
        TaskState::Created,
        &["created", "initializing", "queued", "dispatching"],
    ),
    (TaskState::Running, &["running", "started"]),
    (TaskState::Paused, &["paused"]),
    (TaskState::Idle, &["idle"]),
    (TaskState::Finished, &["finished", "completed"]),
    (TaskState::Failed, &["failed", "error", "timed_out"]),
    (TaskState::Stopped, &["stopped", "cancelled"]),
];

/// The state that a word means, if we know it.
pub(super) fn state(word: &str) -> Option<TaskState> {
    VOCABULARY
        .iter()
        .find(|(_, words)| words.contains(&word))
        .map(|(state, _)| state.clone())
}

/// The words that mean a state.
pub(super) fn words(state: &TaskState) -> &'static [&'static str] {
    VOCABULARY
        .iter()
        .find(|(known, _)| known == state)
        .map_or(&[], |(_, words)| words)
}

/// Every state we know, in the order of a task's life.
#[cfg(test)]
pub(super) fn states() -> impl Iterator<Item = &'static TaskState> {
    VOCABULARY.iter().map(|(state, _)| state)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use super::*;

    /// The rows `| vendor's word | state | where it occurs |` of the manual.
    fn manual() -> BTreeMap<&'static str, &'static str> {
        let text = include_str!("../../docs/tasks.md");
        text.lines()
            .skip_while(|line| !line.starts_with("| the vendor's word "))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .map(|row| {
                let mut cells = row.split('`').skip(1).step_by(2);
                let word = cells.next().expect("a word");
                (word, cells.next().expect("a state"))
            })
            .collect()
    }

    #[test]
    fn every_word_means_what_the_manual_says() {
        for (word, state) in manual() {
            assert_eq!(TaskState::of(word).as_str(), state, "{word}");
        }
    }

    #[test]
    fn the_manual_lacks_no_word() {
        let known: BTreeSet<&str> = states().flat_map(words).copied().collect();
        let listed: BTreeSet<&str> = manual().into_keys().collect();
        assert_eq!(listed, known);
    }
}
