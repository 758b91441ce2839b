//! The time in the header that is signed.

use jiff::SignedDuration;
use jiff::Timestamp;

use super::refusal::Refusal;
use crate::event::time;

/// How far a signed time may lie ahead of our clock.
const MAX_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// From here on a number counts milliseconds: as seconds it would be the year 5138, as
/// milliseconds it is 1973.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// From here on a number counts microseconds.
const MICROSECONDS_FROM: u64 = 1_000 * MILLISECONDS_FROM;

/// From here on a number is nothing we know.
const NOTHING_FROM: u64 = 1_000 * MICROSECONDS_FROM;

/// Reads the time: Unix seconds, milliseconds or microseconds, told apart by magnitude, each also
/// with a fraction; or ISO 8601 with an offset, `Z`, or nothing, which is UTC.
///
/// What cannot be read is none and must never count as fresh.
#[must_use]
pub fn read(header: &str) -> Option<Timestamp> {
    unix(header).or_else(|| time::read(header))
}

/// The time a header tells, if at `now` it is neither too old nor ahead.
pub(super) fn fresh(
    header: &str,
    max_age: SignedDuration,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let signed_at = read(header).ok_or(Refusal::UnreadableTime)?;
    let age = now.duration_since(signed_at);
    if age > max_age {
        return Err(Refusal::TooOld {
            age,
            limit: max_age,
        });
    }
    if -age > MAX_AHEAD {
        return Err(Refusal::InTheFuture {
            by: -age,
            limit: MAX_AHEAD,
        });
    }
    Ok(signed_at)
}

fn unix(header: &str) -> Option<Timestamp> {
    let (whole, fraction) = match header.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (header, None),
    };
    let count = number(whole)?;
    let nanos_each: i128 = match count {
        0..MILLISECONDS_FROM => 1_000_000_000,
        MILLISECONDS_FROM..MICROSECONDS_FROM => 1_000_000,
        MICROSECONDS_FROM..NOTHING_FROM => 1_000,
        _ => return None,
    };
    let rest = match fraction {
        Some(digits) => parts_of_a_billion(digits)? * nanos_each / 1_000_000_000,
        None => 0,
    };
    let nanos = i128::from(count) * nanos_each + rest;
    Timestamp::from_nanosecond(nanos).ok()
}

/// The digits behind a point. What lies beyond the ninth is cut off.
fn parts_of_a_billion(digits: &str) -> Option<i128> {
    let nine = digits.get(..digits.len().min(9))?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let parts = number(nine).filter(|_| is_number)?;
    Some(i128::from(parts) * 10_i128.pow(9 - u32::try_from(nine.len()).ok()?))
}

/// A number of digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_in_use_is_read() {
        let written = |header: &str| read(header).unwrap().to_string();
        assert_eq!(written("1748164942"), "2025-05-25T09:22:22Z");
        assert_eq!(written("1748164942.269116"), "2025-05-25T09:22:22.269116Z");
        assert_eq!(written("1748164942269"), "2025-05-25T09:22:22.269Z");
        assert_eq!(written("1748164942269.116"), "2025-05-25T09:22:22.269116Z");
        assert_eq!(written("1748164942269116"), "2025-05-25T09:22:22.269116Z");
        assert_eq!(
            written("2025-05-25T09:22:22.269116+00:00"),
            "2025-05-25T09:22:22.269116Z"
        );
        assert_eq!(written("2025-05-25T09:22:22"), "2025-05-25T09:22:22Z");
        assert_eq!(written("2025-05-25T11:22:22+02:00"), "2025-05-25T09:22:22Z");
        assert_eq!(written("0"), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for header in [
            "",
            "now",
            "-1",
            "+1748164942",
            "1748164942.",
            ".5",
            "1.7e9",
            " 1748164942",
            "1748164942s",
            "1748164942.5x",
            "1748164942269116000",
            "99999999999999999999999",
            "2025-05-25",
        ] {
            assert_eq!(read(header), None, "{header:?}");
        }
    }
}
