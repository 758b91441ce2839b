//! The times that bodies tell.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::Offset;

/// Reads RFC 3339, the same with a space for the `T`, and the same without a zone, which is UTC.
///
/// Strict, because the time is part of an event's id and every reader must come to the same one.
/// Digits beyond nanoseconds are cut off. The second 60 of a leap second is not read.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    let (date, rest) = read_date(text.as_bytes())?;
    let rest = rest
        .strip_prefix(b"T")
        .or(rest.strip_prefix(b"t"))
        .or(rest.strip_prefix(b" "))?;
    let (time, zone) = read_time(rest)?;
    let offset = read_zone(zone)?;
    offset.to_timestamp(DateTime::from_parts(date, time)).ok()
}

/// `2025-05-25`
fn read_date(text: &[u8]) -> Option<(Date, &[u8])> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    let small = |number: i32| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    Some((date, rest))
}

/// `09:22:22.269116`
fn read_time(text: &[u8]) -> Option<(Time, &[u8])> {
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (nanos, rest) = match rest.strip_prefix(b".") {
        Some(fraction) => read_fraction(fraction)?,
        None => (0, rest),
    };
    let small = |number: i32| i8::try_from(number).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
    Some((time, rest))
}

/// The digits behind the point, as nanoseconds.
fn read_fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length).filter(|_| length > 0)?;
    let padded = digits
        .iter()
        .copied()
        .chain(std::iter::repeat(b'0'))
        .take(9);
    let nanos = padded.fold(0, |nanos, digit| nanos * 10 + i32::from(digit - b'0'));
    Some((nanos, rest))
}

/// `Z`, `+00:00`, or nothing.
fn read_zone(text: &[u8]) -> Option<Offset> {
    let (sign, rest) = match text {
        b"" | b"Z" | b"z" => return Some(Offset::UTC),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = number(rest, 2)?;
    let (minutes, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let is_valid = hours < 24 && minutes < 60 && rest.is_empty();
    is_valid.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())?
}

/// A number of exactly so many digits, and what follows it.
fn number(text: &[u8], length: usize) -> Option<(i32, &[u8])> {
    let (digits, rest) = text.split_at_checked(length)?;
    let number = digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i32::from(digit - b'0'))
    })?;
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_the_same_in_every_spelling() {
        let time = "2025-05-25T09:22:22.269116Z".parse().unwrap();
        for text in [
            "2025-05-25T09:22:22.269116+00:00",
            "2025-05-25T09:22:22.269116Z",
            "2025-05-25t09:22:22.269116000999z",
            "2025-05-25 09:22:22.269116",
            "2025-05-25T11:22:22.269116+02:00",
            "2025-05-25T09:22:22.269116-00:00",
        ] {
            assert_eq!(read(text), Some(time), "{text}");
        }
    }

    #[test]
    fn anything_else_is_not_a_time() {
        for text in [
            "",
            "1748164942",
            "2025-05-25",
            "2025-05-25T09:22",
            "2025-05-25T09:22:22.",
            "2025-05-25T09:22:22,5Z",
            "2025-05-25T09:22:22+0000",
            "2025-05-25T09:22:22+24:00",
            "2025-05-25T09:22:22Z ",
            "2025-02-30T09:22:22Z",
            "2016-12-31T23:59:60Z",
            "2025-05-25T24:00:00Z",
            "+2025-05-25T09:22:22Z",
            "２025-05-25T09:22:22Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
