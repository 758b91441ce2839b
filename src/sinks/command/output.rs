//! What a program said: its beginning and its end.

use std::collections::VecDeque;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;

use crate::delivery::Attempt;

/// How much is kept of either end, in bytes. What is cut in the middle of a letter grows when it
/// becomes text, and the note between the two takes room as well.
const HALF: usize = Attempt::ANSWER_LIMIT / 2 - 32;

/// What a program said, as far as it is kept. A program first says what it does and last why it
/// failed; what is between the two is what can be spared.
#[derive(Debug, Default)]
pub(super) struct Output {
    beginning: Vec<u8>,
    end: VecDeque<u8>,
    left_out: u64,
}

impl Output {
    /// Listens until nobody can say any more. What is too much is read all the same: a program
    /// whose words nobody takes would stand still.
    pub(super) async fn listen(&mut self, mut from: impl AsyncRead + Unpin) {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            self.push(&piece[..length]);
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = HALF - self.beginning.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.beginning.extend_from_slice(first);
        self.end.extend(rest);
        let too_much = self.end.len().saturating_sub(HALF);
        self.end.drain(..too_much);
        self.left_out += too_much as u64;
    }

    /// All that is kept, as text. None: it said nothing.
    pub(super) fn text(mut self) -> Option<String> {
        if self.left_out > 0 {
            let note = format!("\n[{} bytes left out]\n", self.left_out);
            self.beginning.extend_from_slice(note.as_bytes());
        }
        self.beginning.extend(self.end);
        let mut text = String::from_utf8_lossy(&self.beginning).into_owned();
        text.truncate(text.floor_char_boundary(Attempt::ANSWER_LIMIT));
        text.truncate(text.trim_end().len());
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(pieces: &[Vec<u8>]) -> Option<String> {
        let mut output = Output::default();
        for piece in pieces {
            output.push(piece);
        }
        output.text()
    }

    #[test]
    fn what_is_short_is_kept_whole_without_the_newline_at_its_end() {
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[b"\n".to_vec()]), None);
        let pieces = [b"one\n".to_vec(), b"two\n".to_vec()];
        assert_eq!(said(&pieces).as_deref(), Some("one\ntwo"));
    }

    #[test]
    fn of_what_is_long_the_beginning_and_the_end_are_kept() {
        let mut pieces = vec![b"starting\n".to_vec()];
        pieces.extend(std::iter::repeat_n(vec![b'x'; 1000], 1000));
        pieces.push(b"\nfailed: no such file\n".to_vec());
        let text = said(&pieces).unwrap();
        assert!(text.starts_with("starting\nxxx"), "{text}");
        assert!(text.ends_with("xxx\nfailed: no such file"), "{text}");
        assert!(text.contains("\n[998047 bytes left out]\n"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_it_says_stays_within_the_limit(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1500), 0..6),
        ) {
            let text = said(&pieces).unwrap_or_default();
            prop_assert!(text.len() <= Attempt::ANSWER_LIMIT);
        }
    }
}
