//! Addresses that may hold secrets.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;
use serde::Deserialize;

use super::peer;

/// An address that may hold secrets: a user and a password, a token in its path or its query. It
/// shows itself as a host and a port, and nothing else.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Address(Url);

impl Address {
    /// All of it, for whoever goes there.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl From<Url> for Address {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl FromStr for Address {
    type Err = <Url as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&peer(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_whom_it_leads_to_and_nothing_else() {
        let address: Address = "https://me:s3cret@example.com/a?b=c".parse().unwrap();
        assert_eq!(format!("{address:?}"), "example.com:443");
        assert_eq!(address.expose().path(), "/a");
    }
}
