//! Texts that are not too long.

use std::borrow::Cow;

/// What marks a text that was cut.
pub const MARK: char = '…';

/// A length, in what somebody counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Characters, as Unicode counts them.
    Characters(usize),
    /// Units of UTF-16, as JavaScript counts.
    Utf16(usize),
    /// Bytes of UTF-8.
    Bytes(usize),
}

impl Length {
    /// How much of it there may be.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Characters(limit) | Self::Utf16(limit) | Self::Bytes(limit) => limit,
        }
    }

    /// How much of it a text takes.
    #[must_use]
    pub fn size(self, text: &str) -> usize {
        text.chars().map(|character| self.of(character)).sum()
    }

    /// How much of it one character takes.
    #[must_use]
    pub fn of(self, character: char) -> usize {
        match self {
            Self::Characters(_) => 1,
            Self::Utf16(_) => character.len_utf16(),
            Self::Bytes(_) => character.len_utf8(),
        }
    }
}

/// The text, or as much of its beginning as has room with a `…` behind it. Nothing where not even
/// that has room.
#[must_use]
pub fn cut(text: &str, length: Length) -> Cow<'_, str> {
    let limit = length.limit();
    if beginning(text, length, limit).len() == text.len() {
        return Cow::Borrowed(text);
    }
    match limit.checked_sub(length.of(MARK)) {
        Some(room) => Cow::Owned(format!("{}{MARK}", beginning(text, length, room))),
        None => Cow::Borrowed(""),
    }
}

/// As much of the beginning as has room.
fn beginning(text: &str, length: Length, room: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, character)| {
        taken += length.of(*character);
        taken > room
    });
    let (beginning, _) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    beginning
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_that_fits_stays_as_it_is_and_a_longer_one_ends_with_a_mark() {
        assert_eq!(cut("héllo", Length::Characters(5)), "héllo");
        assert_eq!(cut("héllo!", Length::Characters(5)), "héll…");
        assert_eq!(cut("🦀🦀🦀", Length::Utf16(5)), "🦀🦀…");
        assert_eq!(cut("🦀🦀", Length::Bytes(7)), "🦀…");
        assert_eq!(cut("abc", Length::Bytes(2)), "");
        assert_eq!(cut("", Length::Characters(0)), "");
    }

    proptest! {
        #[test]
        fn whatever_is_cut_fits_by_each_count(text in ".*", limit in 0usize..40) {
            let length = |text: &str| text.encode_utf16().count();
            prop_assert!(cut(&text, Length::Utf16(limit)).encode_utf16().count() <= limit);
            prop_assert!(cut(&text, Length::Bytes(limit)).len() <= limit);
            let cut = cut(&text, Length::Characters(limit));
            prop_assert!(cut.chars().count() <= limit);
            prop_assert_eq!(cut == text, length(&text) == length(&cut));
        }
    }
}
