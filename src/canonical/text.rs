//! Reads strings as canonical forms print them.

/// The code points of a printed string, given without its quotes. Lone surrogates are themselves;
/// the two halves of a pair are one code point.
pub(super) fn code_points(printed: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut rest = printed;
    std::iter::from_fn(move || {
        let (code_point, length) = first_code_point(rest)?;
        rest = rest.get(length..).unwrap_or_default();
        Some(code_point)
    })
}

/// The first code point and how many bytes it takes.
fn first_code_point(printed: &[u8]) -> Option<(u32, usize)> {
    match *printed.first()? {
        b'\\' => escaped(printed),
        byte @ ..0x80 => Some((u32::from(byte), 1)),
        byte => {
            let length = match byte {
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            let char = std::str::from_utf8(printed.get(..length)?)
                .ok()?
                .chars()
                .next()?;
            Some((u32::from(char), length))
        }
    }
}

fn escaped(printed: &[u8]) -> Option<(u32, usize)> {
    let code_point = match *printed.get(1)? {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => 0x0a,
        b'r' => 0x0d,
        b't' => 0x09,
        b'u' => return escaped_units(printed),
        other => u32::from(other),
    };
    Some((code_point, 2))
}

fn escaped_units(printed: &[u8]) -> Option<(u32, usize)> {
    let high = code_unit(printed)?;
    if let 0xd800..0xdc00 = high
        && let Some(low @ 0xdc00..0xe000) = printed.get(6..).and_then(code_unit)
    {
        return Some((join(high, low), 12));
    }
    Some((high, 6))
}

/// The unit of the `\uXXXX` that `text` begins with.
pub(super) fn code_unit(text: &[u8]) -> Option<u32> {
    let digits = text.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit << 4 | char::from(digit).to_digit(16)?)
    })
}

/// Joins two surrogates into the code point they stand for.
pub(super) fn join(high: u32, low: u32) -> u32 {
    0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)
}

/// The text of a canonical string, quotes included; none if the value is something else. A lone
/// surrogate becomes U+FFFD.
#[must_use]
pub fn string(value: &[u8]) -> Option<String> {
    let printed = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if !printed.contains(&b'\\') {
        return String::from_utf8(printed.to_vec()).ok();
    }
    let text = code_points(printed)
        .map(|code_point| char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.collect())
}
