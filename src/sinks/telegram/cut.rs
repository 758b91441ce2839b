//! HTML that is not too long, in which every tag that is opened is closed.

use std::borrow::Cow;

use crate::template::MARK;

/// A piece of HTML.
enum Piece<'a> {
    /// A tag opens: its name.
    Opens(&'a str),
    /// A tag closes.
    Closes,
    /// Something to read, in units of UTF-16.
    Reads(usize),
}

/// The HTML, or as much of its beginning as has room with a `…` behind it. What counts is what is
/// left to read when its tags and escapes are read, in units of UTF-16.
pub(super) fn cut(html: &str, limit: usize) -> Cow<'_, str> {
    let mut open: Vec<&str> = Vec::new();
    let mut taken = 0;
    // So much of it could stay with the mark behind it, and these tags would be open there.
    let (mut end, mut open_there) = (0, Vec::new());
    let mut at = 0;
    while let Some((piece, length)) = html.get(at..).and_then(piece) {
        match piece {
            Piece::Opens(name) => open.push(name),
            Piece::Closes => {
                open.pop();
            }
            Piece::Reads(units) => taken += units,
        }
        at += length;
        if taken > limit {
            let (kept, _) = html.split_at(end);
            let open_there = open_there.iter().rev();
            let closed: Vec<String> = open_there.map(|name| format!("</{name}>")).collect();
            return Cow::Owned(format!("{kept}{MARK}{}", closed.concat()));
        }
        if taken + MARK.len_utf16() <= limit {
            end = at;
            open_there.clone_from(&open);
        }
    }
    Cow::Borrowed(html)
}

/// The piece that HTML begins with, and how many bytes it has. None at the end.
fn piece(html: &str) -> Option<(Piece<'_>, usize)> {
    let first = html.chars().next()?;
    let until = |end: char| html.find(end).map(|at| at + 1);
    if first == '<'
        && let Some(length) = until('>')
    {
        let inside = html.get(1..length - 1)?;
        let name = inside.split_whitespace().next().unwrap_or_default();
        let piece = if name.starts_with('/') {
            Piece::Closes
        } else {
            Piece::Opens(name)
        };
        return Some((piece, length));
    }
    if first == '&'
        && let Some(length) = until(';')
    {
        // By a number, it may be a character of two.
        let units = if html.starts_with("&#") { 2 } else { 1 };
        return Some((Piece::Reads(units), length));
    }
    Some((Piece::Reads(first.len_utf16()), first.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_closed_and_no_tag_or_escape_is_cut() {
        let html = "<b>a&amp;<i class=\"x\">b</i>🦀</b>c";
        assert_eq!(cut(html, 6), html);
        assert_eq!(cut(html, 5), "<b>a&amp;<i class=\"x\">b</i>…</b>");
        assert_eq!(cut(html, 4), "<b>a&amp;<i class=\"x\">b</i>…</b>");
        assert_eq!(cut(html, 3), "<b>a&amp;<i class=\"x\">…</i></b>");
        assert_eq!(cut(html, 2), "<b>a…</b>");
        assert_eq!(cut("a < b & c", 9), "a < b & c");
        assert_eq!(cut("", 0), "");
    }
}
