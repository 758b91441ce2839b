//! Where a value of the configuration came from.

use std::fmt;
use std::sync::Arc;

/// Where a value came from: where it was written, and what it was read from in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file and line that hold it, or refer to it.
    pub(super) written: Option<(Arc<str>, usize)>,
    /// What the value itself was read from.
    pub(super) source: Option<Source>,
}

/// What a value was read from instead of being written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A variable of the environment.
    Environment(String),
    /// A file.
    File(String),
    /// A file that a variable of the environment names.
    EnvironmentFile(String),
}

impl Origin {
    /// Written in `name`, at `line` counting from 1.
    pub(super) fn line(name: &Arc<str>, line: usize) -> Self {
        Self {
            written: Some((Arc::clone(name), line)),
            source: None,
        }
    }

    /// The same place, with the value read from elsewhere.
    pub(super) fn via(&self, source: Source) -> Self {
        Self {
            written: self.written.clone(),
            source: Some(source),
        }
    }

    /// Whether somebody wrote a reference instead of the value: it is likely to be a secret.
    pub(super) fn is_reference(&self) -> bool {
        self.written.is_some() && self.source.is_some()
    }

    /// Whether nobody set it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.written.is_none() && self.source.is_none()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.written, &self.source) {
            (None, None) => f.write_str("default"),
            (Some((name, line)), None) => write!(f, "{name}:{line}"),
            (None, Some(source)) => write!(f, "{source}"),
            (Some((name, line)), Some(source)) => write!(f, "{name}:{line}, {source}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::EnvironmentFile(name) => write!(f, "file named by environment {name}"),
        }
    }
}
