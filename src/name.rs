//! Names as the configuration writes them.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use 1 to 64 lower-case letters, digits, `-` and `_`")]
pub struct NameError(String);

/// Checks the one spelling all names share.
fn check(text: &str) -> Result<Box<str>, NameError> {
    let spelled = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    if (1..=64).contains(&text.len()) && text.bytes().all(spelled) {
        Ok(text.into())
    } else {
        Err(NameError(text.chars().take(80).collect()))
    }
}

/// Makes a type for one kind of name. They share a spelling and must not be mixed up.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                check(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A sink's name. A sink is known by it: rename one, and it is a new sink.
    SinkName
}

name! {
    /// An endpoint's name. It is part of an event's identity unless it is `default`.
    EndpointName
}

impl EndpointName {
    /// The endpoint that is there without any configuration.
    pub const DEFAULT: &'static str = "default";
}

impl Default for EndpointName {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelled_with_lower_case_letters_digits_and_dashes() {
        for good in ["a", "backend-2", "on_call"] {
            assert_eq!(good.parse::<SinkName>().unwrap().as_str(), good);
        }
        for bad in ["", "Backend", "a b", "ü", "a/b", &"a".repeat(65)] {
            assert!(bad.parse::<SinkName>().is_err(), "{bad:?}");
        }
    }
}
