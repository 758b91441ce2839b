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

/// Prints as Python does.
#[derive(Debug)]
pub(super) struct Python {
    /// ASCII: everything else is escaped.
    pub(super) out: Vec<u8>,
    /// Whether every JSON reader would take it, and understand the same.
    pub(super) is_plain: bool,
}

impl Python {
    /// A writer that expects `size` bytes of input.
    pub(super) fn new(size: usize) -> Self {
        Self {
            out: Vec::with_capacity(size),
            is_plain: true,
        }
    }

    fn double(&mut self, double: f64) {
        if double.is_finite() {
            number::print_repr(&mut self.out, double);
            return;
        }
        let literal = if double > 0.0 {
            Literal::Infinity
        } else {
            Literal::MinusInfinity
        };
        self.print_literal(literal);
    }

    fn print_literal(&mut self, literal: Literal) {
        self.is_plain = false;
        self.out.extend_from_slice(literal.as_str().as_bytes());
    }
}

impl Form for Python {
    fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn code_point(&mut self, code_point: u32) {
        if escape_short(&mut self.out, code_point) {
            return;
        }
        match code_point {
            0x20..=0x7e => self.out.push(code_point.to_le_bytes()[0]),
            0x1_0000.. => {
                let (high, low) = surrogates(code_point);
                escape_unit(&mut self.out, high);
                escape_unit(&mut self.out, low);
            }
            unit => {
                self.is_plain &= !matches!(unit, 0xd800..=0xdfff);
                escape_unit(&mut self.out, unit);
            }
        }
    }

    fn number(&mut self, number: Number<'_>) -> Result<(), Problem> {
        if !number.is_integer {
            self.double(number.to_double());
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
        self.out.extend_from_slice(digits.as_bytes());
        Ok(())
    }

    fn literal(&mut self, literal: Literal) -> Result<(), Problem> {
        self.print_literal(literal);
        Ok(())
    }

    fn compare_keys(&self, a: &[u8], b: &[u8]) -> Ordering {
        keys::by_code_point(a, b)
    }
}
