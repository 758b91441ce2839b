//! Numbers: how they are written in JSON, and how Python prints a double.

use super::error::Problem;

/// A number as it stands in the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a> {
    /// The text, which keeps to the grammar of JSON.
    pub(super) text: &'a str,
    /// Whether it has neither a fraction nor an exponent.
    pub(super) is_integer: bool,
}

/// What Python reads as a number and JSON does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    NaN,
    Infinity,
    MinusInfinity,
}

impl Literal {
    const ALL: [Self; 3] = [Self::NaN, Self::Infinity, Self::MinusInfinity];

    /// The word in the body, and in what Python prints.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NaN => "NaN",
            Self::Infinity => "Infinity",
            Self::MinusInfinity => "-Infinity",
        }
    }

    /// The one that `text` begins with.
    pub(super) fn at_start_of(text: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|literal| text.starts_with(literal.as_str().as_bytes()))
    }
}

impl<'a> Number<'a> {
    /// The number that `text` begins with.
    pub(super) fn at_start_of(text: &'a str) -> Result<Self, Problem> {
        let bytes = text.as_bytes();
        let mut end = usize::from(bytes.first() == Some(&b'-'));

        let whole = digits(bytes, end);
        // A zero in front is a number of its own: what follows it is not part of it.
        end += if bytes.get(end) == Some(&b'0') {
            1
        } else {
            whole
        };
        if whole == 0 {
            return Err(Problem::Unexpected);
        }
        let whole_end = end;

        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(bytes, end + 1);
            if fraction == 0 {
                return Err(Problem::Unexpected);
            }
            end += 1 + fraction;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(bytes, end + 1 + sign);
            if exponent == 0 {
                return Err(Problem::Unexpected);
            }
            end += 1 + sign + exponent;
        }

        let is_integer = end == whole_end;
        if is_integer && whole > super::MAX_DIGITS {
            return Err(Problem::NumberTooLong);
        }
        Ok(Self {
            text: text.get(..end).unwrap_or(text),
            is_integer,
        })
    }

    /// The double nearest to it; past the largest one, an infinity.
    pub(super) fn to_double(self) -> f64 {
        // The text keeps to JSON's grammar, which is part of what `parse` takes.
        self.text.parse().unwrap_or(f64::NAN)
    }
}

/// How many digits stand at `from`.
fn digits(bytes: &[u8], from: usize) -> usize {
    bytes
        .iter()
        .skip(from)
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Prints a finite double as Python's `repr` does.
///
/// `zmij` finds the same digits and lays them out almost so. Two things differ: Python turns to an
/// exponent one place earlier, below 0.0001, and writes at least two digits of it.
pub(super) fn print_repr(out: &mut Vec<u8>, double: f64) {
    let mut buffer = zmij::Buffer::new();
    let printed = buffer.format_finite(double);
    let unsigned = printed.trim_start_matches('-');
    if unsigned.len() < printed.len() {
        out.push(b'-');
    }

    if let Some(digits) = unsigned.strip_prefix("0.0000") {
        let (first, rest) = digits.split_at(1);
        out.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest.as_bytes());
        }
        out.extend_from_slice(b"e-05");
    } else if let Some((mantissa, exponent)) = unsigned.split_once("e-")
        && exponent.len() == 1
    {
        out.extend_from_slice(mantissa.as_bytes());
        out.extend_from_slice(b"e-0");
        out.extend_from_slice(exponent.as_bytes());
    } else {
        out.extend_from_slice(unsigned.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_pythons_repr_prints_them() {
        for (double, repr) in [
            (1.0, "1.0"),
            (1.10, "1.1"),
            (1e5, "100000.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (-1e-5, "-1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e-100, "1e-100"),
            (-0.0, "-0.0"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            let mut out = Vec::new();
            print_repr(&mut out, double);
            assert_eq!(String::from_utf8(out).unwrap(), repr);
        }
    }
}
