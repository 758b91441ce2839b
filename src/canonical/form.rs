//! How a canonical form prints what the reader finds.

use std::cmp::Ordering;

use super::error::Problem;
use super::number::Literal;
use super::number::Number;

/// A canonical form: the part in which Python and JavaScript differ.
pub(super) trait Form {
    /// Prints one code point of a string. It may be a lone surrogate, and is never one of the
    /// characters that [`super::scan::plain_run`] finds: those are copied as they stand.
    fn code_point(&mut self, out: &mut Vec<u8>, code_point: u32);

    /// Prints a number.
    fn number(&mut self, out: &mut Vec<u8>, number: Number<'_>) -> Result<(), Problem>;

    /// Prints what is no JSON and still read by Python.
    fn literal(&mut self, out: &mut Vec<u8>, literal: Literal) -> Result<(), Problem>;

    /// Which of two keys comes first. Both are as this form prints them, without the quotes.
    fn compare_keys(&self, a: &[u8], b: &[u8]) -> Ordering;

    /// Whether keys of plain ASCII stand in the order of their bytes. Nearly all keys are such, and
    /// comparing bytes is the quickest there is.
    fn sorts_plain_keys_by_bytes(&self) -> bool {
        true
    }
}

/// Prints a code point the way both languages do where they escape it at all, or gives it back.
pub(super) fn escape_short(out: &mut Vec<u8>, code_point: u32) -> bool {
    let escape: &[u8] = match code_point {
        0x22 => b"\\\"",
        0x5c => b"\\\\",
        0x08 => b"\\b",
        0x0c => b"\\f",
        0x0a => b"\\n",
        0x0d => b"\\r",
        0x09 => b"\\t",
        _ => return false,
    };
    out.extend_from_slice(escape);
    true
}

/// Prints `\uXXXX`, in lower case.
pub(super) fn escape_unit(out: &mut Vec<u8>, unit: u32) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u32| HEX[(unit >> shift & 0xf) as usize];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Cuts a code point past U+FFFF into its two surrogates.
pub(super) fn surrogates(code_point: u32) -> (u32, u32) {
    let offset = code_point - 0x1_0000;
    (0xd800 + (offset >> 10), 0xdc00 + (offset & 0x3ff))
}
