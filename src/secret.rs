//! Strings that must not be printed.

use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::Deserialize;

/// A string that shows itself as `[secret]` and is wiped when dropped.
///
/// It has no `Display` and no `Serialize`, so that it cannot reach a log, a row or an answer by
/// accident; whoever needs the text says [`Secret::expose`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself. Use it where it is needed and keep no copy.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it, as when an environment variable is set to nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// A webhook secret with the name it bears in the configuration.
#[derive(Clone, Debug)]
pub struct NamedSecret {
    /// The name in the configuration; `#1`, `#2`, … by position where it has none.
    pub name: Box<str>,
    /// The secret: its UTF-8 bytes are the HMAC key, as they stand.
    pub secret: Secret,
}
