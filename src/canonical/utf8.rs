//! The form of the vendor's npm package: sorted, compact, and without ASCII escapes.

use std::cmp::Ordering;

use super::CanonicalError;
use super::error::Problem;
use super::form::Form;
use super::form::escape_short;
use super::form::escape_unit;
use super::keys;
use super::number::Literal;
use super::number::Number;
use super::rewrite;

/// Integers shorter than this are the same in a double.
const EXACT_DIGITS: usize = 15;

/// In which order JavaScript prints an object's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrder {
    /// By UTF-16 code unit: `"10"` before `"9"`. The vendor's npm package does it so.
    Utf16,
    /// As an object keeps them: `"9"` before `"10"`, and both before all others. The vendor's
    /// TypeScript sample comes out so. Accepted nowhere; known for the sake of diagnosis.
    IntegersFirst,
}

/// The body as the vendor's npm package prints it.
///
/// Numbers are doubles here: an integer past 2⁵³ loses digits, and `1e400` becomes `null`. `NaN`
/// and `Infinity` are errors.
pub fn utf8(body: &[u8]) -> Result<Vec<u8>, CanonicalError> {
    utf8_ordered(body, KeyOrder::Utf16)
}

/// The same, with the keys of each object in another order.
pub fn utf8_ordered(body: &[u8], order: KeyOrder) -> Result<Vec<u8>, CanonicalError> {
    rewrite(body, &mut JavaScript { order })
}

/// Prints as `JSON.stringify` does.
struct JavaScript {
    order: KeyOrder,
}

impl Form for JavaScript {
    fn code_point(&mut self, out: &mut Vec<u8>, code_point: u32) {
        if escape_short(out, code_point) {
            return;
        }
        match char::from_u32(code_point) {
            Some(char @ ' '..) => {
                let mut utf8 = [0; 4];
                out.extend_from_slice(char.encode_utf8(&mut utf8).as_bytes());
            }
            // Control characters, and lone surrogates: they have no UTF-8.
            _ => escape_unit(out, code_point),
        }
    }

    fn number(&mut self, out: &mut Vec<u8>, number: Number<'_>) -> Result<(), Problem> {
        if number.is_integer && number.text.len() <= EXACT_DIGITS && number.text != "-0" {
            out.extend_from_slice(number.text.as_bytes());
            return Ok(());
        }
        let double = number.to_double();
        if double.is_finite() {
            let mut buffer = ryu_js::Buffer::new();
            out.extend_from_slice(buffer.format_finite(double).as_bytes());
        } else {
            out.extend_from_slice(b"null");
        }
        Ok(())
    }

    fn literal(&mut self, _: &mut Vec<u8>, _: Literal) -> Result<(), Problem> {
        Err(Problem::NotJavaScript)
    }

    fn compare_keys(&self, a: &[u8], b: &[u8]) -> Ordering {
        match self.order {
            KeyOrder::Utf16 => keys::by_utf16(a, b),
            KeyOrder::IntegersFirst => keys::integers_first(a, b),
        }
    }

    fn sorts_plain_keys_by_bytes(&self) -> bool {
        self.order == KeyOrder::Utf16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(body: &str) -> String {
        String::from_utf8(utf8(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn text_is_escaped_only_where_json_must() {
        assert_eq!(
            printed(r#""\u00fc\u007f\u2028\ud83d\ude00\/""#),
            "\"ü\u{7f}\u{2028}😀/\""
        );
        assert_eq!(
            printed(r#""\u0001\b\f\n\r\t\"\\\ud800""#),
            r#""\u0001\b\f\n\r\t\"\\\ud800""#
        );
    }

    #[test]
    fn numbers_are_doubles_as_javascript_prints_them() {
        let body = "[1.0,-0,-0.0,1e21,1e20,1e-7,9007199254740993,1e400,0.1,123456789012345]";
        assert_eq!(
            printed(body),
            "[1,0,0,1e+21,100000000000000000000,1e-7,9007199254740992,null,0.1,123456789012345]"
        );
    }

    #[test]
    fn the_samples_order_differs_only_in_keys_that_look_like_integers() {
        let body = br#"{"b":1,"9":2,"10":3}"#;
        assert_eq!(utf8(body).unwrap(), br#"{"10":3,"9":2,"b":1}"#);
        let sample = utf8_ordered(body, KeyOrder::IntegersFirst).unwrap();
        assert_eq!(sample, br#"{"9":2,"10":3,"b":1}"#);
    }

    #[test]
    fn nan_has_no_form_in_javascript() {
        assert_eq!(utf8(b"[NaN]").unwrap_err().problem, Problem::NotJavaScript);
        assert_eq!(
            utf8(b"-Infinity").unwrap_err().problem,
            Problem::NotJavaScript
        );
    }
}
