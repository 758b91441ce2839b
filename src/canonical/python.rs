//! Python's form: `json.dumps(json.loads(body), separators=(",", ":"), sort_keys=True)`.

use std::cmp::Ordering;

use super::error::Problem;
use super::form::Form;
use super::form::escape_short;
use super::form::escape_unit;
use super::form::surrogates;
use super::keys;
use super::number;
use super::number::Literal;
use super::number::Number;

/// Integers shorter than this fit a double whatever their digits are.
const DIGITS_OF_A_DOUBLE: usize = 308;

/// Prints as Python does: ASCII, everything else escaped.
#[derive(Debug)]
pub(super) struct Python {
    /// Whether every JSON reader would take what was printed, and understand the same.
    pub(super) is_plain: bool,
}

impl Python {
    fn print_double(&mut self, out: &mut Vec<u8>, double: f64) {
        if double.is_finite() {
            number::print_repr(out, double);
        } else if double > 0.0 {
            self.print_literal(out, Literal::Infinity);
        } else {
            self.print_literal(out, Literal::MinusInfinity);
        }
    }

    fn print_literal(&mut self, out: &mut Vec<u8>, literal: Literal) {
        self.is_plain = false;
        out.extend_from_slice(literal.as_str().as_bytes());
    }
}

impl Form for Python {
    fn code_point(&mut self, out: &mut Vec<u8>, code_point: u32) {
        if escape_short(out, code_point) {
            return;
        }
        match code_point {
            0x20..=0x7e => out.push(code_point.to_le_bytes()[0]),
            0x1_0000.. => {
                let (high, low) = surrogates(code_point);
                escape_unit(out, high);
                escape_unit(out, low);
            }
            unit => {
                self.is_plain &= !matches!(unit, 0xd800..=0xdfff);
                escape_unit(out, unit);
            }
        }
    }

    fn number(&mut self, out: &mut Vec<u8>, number: Number<'_>) -> Result<(), Problem> {
        if !number.is_integer {
            self.print_double(out, number.to_double());
            return Ok(());
        }
        if number.text.len() > DIGITS_OF_A_DOUBLE && number.to_double().is_infinite() {
            self.is_plain = false;
        }
        // Python's integers know no negative zero.
        let digits = if number.text == "-0" {
            "0"
        } else {
            number.text
        };
        out.extend_from_slice(digits.as_bytes());
        Ok(())
    }

    fn literal(&mut self, out: &mut Vec<u8>, literal: Literal) -> Result<(), Problem> {
        self.print_literal(out, literal);
        Ok(())
    }

    fn compare_keys(&self, a: &[u8], b: &[u8]) -> Ordering {
        keys::by_code_point(a, b)
    }
}
