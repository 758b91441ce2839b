//! How a run goes, from its beginning to its end.

use std::fmt;
use std::str::FromStr;

/// How a run goes if nobody stops it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Life {
    /// It reaches its goal.
    #[default]
    Finishes,
    /// It comes to its end without having reached its goal.
    Unsuccessful,
    /// An error ends it.
    Fails,
    /// It takes longer than it may.
    TimesOut,
    /// It goes on until somebody stops it.
    Endless,
}

/// How a run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    Unsuccessful,
    Failed,
    TimedOut,
    Stopped,
}

/// A word that is no life.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no life `{0}`: finishes, unsuccessful, fails, times-out, endless")]
pub struct UnknownLife(String);

impl Life {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Finishes,
        Self::Unsuccessful,
        Self::Fails,
        Self::TimesOut,
        Self::Endless,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Finishes => "finishes",
            Self::Unsuccessful => "unsuccessful",
            Self::Fails => "fails",
            Self::TimesOut => "times-out",
            Self::Endless => "endless",
        }
    }

    /// The life that a task asks for with the word `simulate:NAME`. The text of a task is all that
    /// every version of the API has.
    pub(crate) fn wished_in(task: &str) -> Option<Self> {
        task.split_whitespace()
            .filter_map(|word| word.strip_prefix("simulate:"))
            .find_map(|name| name.parse().ok())
    }

    pub(crate) fn end(self) -> Option<End> {
        match self {
            Self::Finishes => Some(End::Succeeded),
            Self::Unsuccessful => Some(End::Unsuccessful),
            Self::Fails => Some(End::Failed),
            Self::TimesOut => Some(End::TimedOut),
            Self::Endless => None,
        }
    }
}

impl End {
    /// Whether the agent reached its goal; it says so itself, and only if it came to an end.
    pub(crate) fn is_success(self) -> Option<bool> {
        match self {
            Self::Succeeded => Some(true),
            Self::Unsuccessful | Self::Failed | Self::TimedOut => Some(false),
            Self::Stopped => None,
        }
    }

    /// Whether there is an output.
    pub(crate) fn has_output(self) -> bool {
        matches!(self, Self::Succeeded | Self::Unsuccessful)
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Life {
    type Err = UnknownLife;

    fn from_str(word: &str) -> Result<Self, UnknownLife> {
        Self::ALL
            .into_iter()
            .find(|life| life.as_str() == word)
            .ok_or_else(|| UnknownLife(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_found_by_its_name_alone_and_in_a_task() {
        for life in Life::ALL {
            assert_eq!(life.to_string().parse(), Ok(life));
            let task = format!("Buy milk simulate:{life} please");
            assert_eq!(Life::wished_in(&task), Some(life));
        }
        assert_eq!(Life::wished_in("Buy milk. simulate:well"), None);
        let error = "well".parse::<Life>().unwrap_err().to_string();
        assert!(Life::ALL.iter().all(|life| error.contains(life.as_str())));
    }
}
