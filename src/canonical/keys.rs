//! In which order keys stand. They are compared as printed, without their quotes.

use std::cmp::Ordering;

use super::form::surrogates;
use super::text::code_points;

/// Python's order: by code point.
pub(super) fn by_code_point(a: &[u8], b: &[u8]) -> Ordering {
    code_points(a).cmp(code_points(b))
}

/// JavaScript's order: by UTF-16 code unit, in which U+FF5E comes after U+1F600.
pub(super) fn by_utf16(a: &[u8], b: &[u8]) -> Ordering {
    code_units(a).cmp(code_units(b))
}

/// The order of a JavaScript object's own keys when they were put in sorted: those that look like
/// the index of an array come first, by number.
pub(super) fn integers_first(a: &[u8], b: &[u8]) -> Ordering {
    match (array_index(a), array_index(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => by_utf16(a, b),
    }
}

fn code_units(printed: &[u8]) -> impl Iterator<Item = u32> + '_ {
    code_points(printed).flat_map(|code_point| {
        let (first, second) = match code_point {
            0x1_0000.. => {
                let (high, low) = surrogates(code_point);
                (high, Some(low))
            }
            unit => (unit, None),
        };
        std::iter::once(first).chain(second)
    })
}

/// The number that a key is written as, if an array could have it as an index.
fn array_index(printed: &[u8]) -> Option<u32> {
    let is_canonical = printed == b"0" || matches!(printed.first(), Some(b'1'..=b'9'));
    let index = std::str::from_utf8(printed).ok()?.parse().ok()?;
    (is_canonical && index < u32::MAX).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_and_javascript_disagree_beyond_the_basic_plane() {
        assert_eq!(by_code_point(br"\uff5e", br"\ud83d\ude00"), Ordering::Less);
        assert_eq!(
            by_utf16("\u{ff5e}".as_bytes(), "\u{1f600}".as_bytes()),
            Ordering::Greater
        );
    }

    #[test]
    fn an_escape_counts_as_what_it_stands_for() {
        assert_eq!(by_code_point(br"\u00e9", b"z"), Ordering::Greater);
        assert_eq!(by_code_point(br"\n", b"A"), Ordering::Less);
    }

    #[test]
    fn a_javascript_object_has_its_integers_first() {
        let mut keys: Vec<&[u8]> = vec![b"b", b"10", b"9", b"", b"01", b"4294967295", b"-1"];
        keys.sort_by(|a, b| integers_first(a, b));
        let sorted: Vec<&[u8]> = vec![b"9", b"10", b"", b"-1", b"01", b"4294967295", b"b"];
        assert_eq!(keys, sorted);
    }
}
