//! Why a body has no canonical form.

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes that are not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The text stops in the middle of a value.
    #[error("the body ends too soon")]
    EndsTooSoon,
    /// Something that cannot stand here.
    #[error("unexpected character")]
    Unexpected,
    /// A control character inside a string that is not escaped.
    #[error("a control character in a string")]
    ControlCharacter,
    /// A backslash before something that is no escape.
    #[error("a bad escape in a string")]
    BadEscape,
    /// More after the value.
    #[error("more text after the end")]
    TrailingText,
    /// Nested deeper than [`super::MAX_DEPTH`].
    #[error("nested deeper than 128 levels")]
    TooDeep,
    /// More keys than [`super::MAX_KEYS`].
    #[error("more than 100,000 keys")]
    TooManyKeys,
    /// An integer longer than [`super::MAX_DIGITS`].
    #[error("an integer of more than 4,300 digits")]
    NumberTooLong,
    /// `NaN` or `Infinity`, which JavaScript does not read.
    #[error("`NaN` and `Infinity` do not exist in this form")]
    NotJavaScript,
}

/// Why a body has no canonical form, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at byte {at}")]
pub struct CanonicalError {
    /// What is wrong.
    pub problem: Problem,
    /// Where it was noticed: an offset in bytes, counting from 0.
    pub at: usize,
}
