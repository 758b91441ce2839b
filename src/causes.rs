//! Errors told with what they came from.

use std::error::Error;
use std::fmt;
use std::iter::successors;

/// An error and what it came from, in one line. Made by [`with_causes`].
#[derive(Clone, Copy, Debug)]
pub struct WithCauses<'a>(&'a (dyn Error + 'static));

/// The error and what it came from, in one line.
///
/// An error tells of itself alone, and so does the log where it is JSON: "the database failed" is
/// no help to whoever reads it.
#[must_use]
pub fn with_causes<'a>(error: &'a (dyn Error + 'static)) -> WithCauses<'a> {
    WithCauses(error)
}

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        successors(self.0.source(), |&cause| cause.source())
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn an_error_is_told_with_all_that_it_came_from() {
        let error = anyhow!("no room left")
            .context("cannot write")
            .context("cannot store");
        let error: &(dyn Error + 'static) = &*error;
        let told = with_causes(error).to_string();
        assert_eq!(told, "cannot store: cannot write: no room left");
        let alone = fmt::Error;
        assert_eq!(with_causes(&alone).to_string(), alone.to_string());
    }
}
