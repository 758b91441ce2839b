//! What is waited for.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// How many of the tasks must be over.
    pub enough: Enough,
    /// Whether their outputs are waited for, too.
    pub with_output: bool,
    /// For how long; at most [`LONGEST`](Self::LONGEST).
    pub time: Duration,
}

impl Wish {
    /// The longest that anybody can wait at a time.
    pub const LONGEST: Duration = Duration::from_mins(5);
}

/// How many of the tasks must be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Enough {
    /// One of them.
    Any,
    /// All of them.
    All,
}

impl fmt::Display for Enough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::All => "all",
        })
    }
}

impl FromStr for Enough {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, &'static str> {
        match word {
            "any" => Ok(Self::Any),
            "all" => Ok(Self::All),
            _ => Err("it is `any` or `all`"),
        }
    }
}
