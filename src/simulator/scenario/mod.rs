//! Stories that a receiver should bear, as data.

mod stories;

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use jiff::SignedDuration;

use super::Task;

/// A story that a receiver should bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// A task from its beginning to its end.
    Lifecycle,
    /// An event that the sender believes was never taken, and signs again each time.
    Retries,
    /// The very same request, again and again.
    Duplicates,
    /// A task whose end comes before its beginning.
    OutOfOrder,
    /// Requests that were signed long ago, or will be.
    Stale,
    /// Requests signed with something else.
    WrongSecret,
    /// Text and numbers that are easily written in two ways.
    Unicode,
    /// Types, statuses and shapes that were never announced.
    Drift,
}

/// One request of a story.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is, in a few words.
    pub about: &'static str,
    /// What is posted.
    pub body: Bytes,
    /// How it is signed.
    pub signed: Signed,
    /// How a good receiver answers.
    pub expected: Expected,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With the secret, at the time of sending.
    Now,
    /// With the secret, so long ago. Negative: in the future.
    Ago(SignedDuration),
    /// With the very headers of the step before.
    AsBefore,
    /// With another secret.
    WithAnotherSecret,
    /// With the secret and a newline at its end, as it is read from many a file.
    WithNewline,
}

/// How a good receiver answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// 200, and it is new.
    Stored,
    /// 200, and it had come before.
    Duplicate,
    /// 403.
    Refused,
}

/// A word that is no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no scenario `{0}`: lifecycle, retries, duplicates, out-of-order, stale, \
     wrong-secret, unicode, drift"
)]
pub struct UnknownScenario(String);

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Lifecycle,
        Self::Retries,
        Self::Duplicates,
        Self::OutOfOrder,
        Self::Stale,
        Self::WrongSecret,
        Self::Unicode,
        Self::Drift,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Retries => "retries",
            Self::Duplicates => "duplicates",
            Self::OutOfOrder => "out-of-order",
            Self::Stale => "stale",
            Self::WrongSecret => "wrong-secret",
            Self::Unicode => "unicode",
            Self::Drift => "drift",
        }
    }

    /// Its requests, told of one task.
    #[must_use]
    pub fn steps(self, task: &Task) -> Vec<Step> {
        match self {
            Self::Lifecycle => stories::lifecycle(task),
            Self::Retries => stories::repeated(task, "sent again, signed afresh", Signed::Now),
            Self::Duplicates => stories::repeated(task, "the very same request", Signed::AsBefore),
            Self::OutOfOrder => stories::lifecycle(task).into_iter().rev().collect(),
            Self::Stale => stories::stale(task),
            Self::WrongSecret => stories::wrong_secret(task),
            Self::Unicode => stories::unicode(task),
            Self::Drift => stories::drift(task),
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(word: &str) -> Result<Self, UnknownScenario> {
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.as_str() == word)
            .ok_or_else(|| UnknownScenario(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::canonical::Document;

    #[test]
    fn a_scenario_is_found_by_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
        let error = "chaos".parse::<Scenario>().unwrap_err().to_string();
        assert!(
            Scenario::ALL
                .iter()
                .all(|scenario| error.contains(scenario.as_str()))
        );
    }

    #[test]
    fn what_a_scenario_calls_new_is_new() {
        for scenario in Scenario::ALL {
            let mut seen = std::collections::HashSet::new();
            for step in scenario.steps(&Task::new(Timestamp::UNIX_EPOCH)) {
                let document = Document::read(&step.body).unwrap();
                let is_new = match step.expected {
                    Expected::Refused => continue,
                    Expected::Stored => true,
                    Expected::Duplicate => false,
                };
                assert_eq!(
                    seen.insert(document.python().to_vec()),
                    is_new,
                    "{scenario}: {}",
                    step.about
                );
            }
        }
    }
}
