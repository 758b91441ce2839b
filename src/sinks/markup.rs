//! Texts in somebody's markup, where they mean nothing but themselves, and which are not too long.

use crate::template::Escape;
use crate::template::Length;
use crate::template::MARK;

/// A text as HTML and XML have it, in content and between quotes.
pub(super) fn html(text: &str) -> String {
    escaped(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    })
}

/// The text as a markup has it.
pub(super) fn escaped(text: &str, escape: Escape) -> String {
    escaped_within(text, Length::Bytes(usize::MAX), escape)
}

/// The same, or as much of its beginning as has room with a `…` behind it. What counts is what is
/// written, and no escape is cut in two.
pub(super) fn escaped_within(text: &str, length: Length, escape: Escape) -> String {
    let (limit, mark) = (length.limit(), length.of(MARK));
    let mut written = String::new();
    let mut taken = 0;
    // So much of it could stay with the mark behind it.
    let mut end = 0;
    let mut buffer = [0; 4];
    for character in text.chars() {
        let part = escape(character).unwrap_or_else(|| character.encode_utf8(&mut buffer));
        taken += part.chars().map(|part| length.of(part)).sum::<usize>();
        if taken > limit {
            written.truncate(end);
            if mark <= limit {
                written.push(MARK);
            }
            return written;
        }
        written.push_str(part);
        if taken + mark <= limit {
            end = written.len();
        }
    }
    written
}

/// The lines, or as many of them as have room with a word behind them of how many more there are.
pub(super) fn lines_within(lines: &[String], length: Length) -> String {
    let size = |text: &str| text.chars().map(|part| length.of(part)).sum::<usize>();
    let whole = lines.join("\n");
    if size(&whole) <= length.limit() {
        return whole;
    }
    let mut text = String::new();
    let mut taken = 0;
    let mut rest = lines.len();
    for line in lines {
        taken += size(line) + size("\n");
        if taken + size(&more(rest)) > length.limit() {
            break;
        }
        text.push_str(line);
        text.push('\n');
        rest -= 1;
    }
    text + &more(rest)
}

fn more(rest: usize) -> String {
    format!("… and {rest} more")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            html("<a href=\"x\">&amp;</a>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;"
        );
    }

    fn amp(character: char) -> Option<&'static str> {
        (character == '&').then_some("&amp;")
    }

    #[test]
    fn no_escape_is_cut_in_two() {
        let cut = |limit| escaped_within("a&b🦀", Length::Utf16(limit), amp);
        assert_eq!(cut(9), "a&amp;b🦀");
        assert_eq!(cut(8), "a&amp;b…");
        assert_eq!(cut(7), "a&amp;…");
        assert_eq!(cut(6), "a…");
        assert_eq!(cut(1), "…");
        assert_eq!(cut(0), "");
    }

    #[test]
    fn lines_that_have_no_room_are_counted() {
        let lines = ["one", "two", "three"].map(str::to_owned);
        let within = |limit| lines_within(&lines, Length::Characters(limit));
        assert_eq!(within(13), "one\ntwo\nthree");
        assert_eq!(within(12), "… and 3 more");
        let lines = vec!["a line".to_owned(); 5];
        let told = lines_within(&lines, Length::Characters(26));
        assert_eq!(told, "a line\na line\n… and 3 more");
        assert_eq!(lines_within(&[], Length::Characters(0)), "");
    }

    proptest! {
        #[test]
        fn what_is_within_a_length_fits(text in ".*", limit in 0usize..40) {
            let written = escaped_within(&text, Length::Utf16(limit), amp);
            prop_assert!(written.encode_utf16().count() <= limit);
            let whole = escaped(&text, amp);
            let fits = whole.encode_utf16().count() <= limit;
            prop_assert_eq!(fits, written == whole);
        }
    }
}
