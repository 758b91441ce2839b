//! `[store]`: where events are kept.

use serde::Deserialize;

/// Where events are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:` and a path; a relative one starts at the working directory.
    pub url: String,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: "sqlite:tidings.db".to_owned(),
        }
    }
}
