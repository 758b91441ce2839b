//! Whether a browser goes through a proxy, and where that is.

use std::convert::Infallible;
use std::str::FromStr;

/// A proxy in a country, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Proxy {
    /// In this country. Which there are is Browser Use's to say.
    In(String),
    /// There is none.
    No,
}

impl Proxy {
    pub(in crate::cli) fn is_used(&self) -> bool {
        matches!(self, Self::In(_))
    }

    pub(in crate::cli) fn country(&self) -> Option<&str> {
        match self {
            Self::In(country) => Some(country),
            Self::No => None,
        }
    }
}

impl FromStr for Proxy {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "none" => Self::No,
            country => Self::In(country.to_owned()),
        })
    }
}
