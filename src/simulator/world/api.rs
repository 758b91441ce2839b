//! The versions of the API.

/// A version of the API. Each sees only what was made through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    V1,
    V2,
    V3,
    V4,
}
