//! What a task is asked for by.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::api::id::Identified;

/// An id of the vendor's: of a task, its run or its session. The vendor decides how it is written.
#[derive(Clone, Debug)]
pub(super) struct TaskName(String);

impl TaskName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Identified for TaskName {
    const WHAT: &'static str = "task";
}

impl FromStr for TaskName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
