//! Keeping the key to ourselves in answers that are passed on unread.

use bytes::Bytes;
use bytes::BytesMut;

use crate::secret::Secret;

/// Puts asterisks in the place of a secret: as many as it has bytes, so that lengths stay true.
///
/// What comes in pieces goes on at once, but for an end that may be the secret's beginning.
#[derive(Debug)]
pub(super) struct Mask {
    secret: Secret,
    held: BytesMut,
}

impl Mask {
    /// A mask for a secret, which is not empty.
    pub(super) fn of(secret: &Secret) -> Self {
        Self {
            secret: secret.clone(),
            held: BytesMut::new(),
        }
    }

    /// What can go on now that this has come.
    pub(super) fn next(&mut self, piece: &[u8]) -> Bytes {
        let secret = self.secret.expose().as_bytes();
        self.held.extend_from_slice(piece);
        hide(secret, &mut self.held);
        let begun = (1..secret.len())
            .rev()
            .find(|length| self.held.ends_with(&secret[..*length]))
            .unwrap_or(0);
        self.held.split_to(self.held.len() - begun).freeze()
    }

    /// What was held back, once nothing more comes.
    pub(super) fn rest(&mut self) -> Option<Bytes> {
        let rest = self.held.split().freeze();
        Some(rest).filter(|rest| !rest.is_empty())
    }

    /// A text that is whole.
    pub(super) fn whole(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        hide(self.secret.expose().as_bytes(), &mut text);
        text
    }
}

fn hide(secret: &[u8], text: &mut [u8]) {
    let mut from = 0;
    while let Some(at) = text[from..]
        .windows(secret.len())
        .position(|window| window == secret)
    {
        let found = from + at..from + at + secret.len();
        from = found.end;
        text[found].fill(b'*');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn however_it_is_cut_the_secret_is_gone_and_the_rest_is_there(
            text in "[ab]{0,40}",
            cuts in prop::collection::vec(0_usize..8, 0..20),
        ) {
            let mut mask = Mask::of(&"aab".into());
            let mut passed = Vec::new();
            let mut left = text.as_bytes();
            for cut in cuts {
                let (piece, rest) = left.split_at(cut.min(left.len()));
                passed.extend_from_slice(&mask.next(piece));
                left = rest;
            }
            passed.extend_from_slice(&mask.next(left));
            passed.extend(mask.rest().into_iter().flatten());

            prop_assert_eq!(String::from_utf8(passed).unwrap(), text.replace("aab", "***"));
        }
    }

    #[test]
    fn nothing_is_held_back_that_cannot_become_the_secret() {
        let mut mask = Mask::of(&"key".into());
        assert_eq!(mask.next(b"a monkey, a k"), "a mon***, a ");
        assert_eq!(mask.next(b"ing"), "king");
        assert_eq!(mask.rest(), None);
    }
}
