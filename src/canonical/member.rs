//! The members of an object on their way into order.

use std::cmp::Ordering;
use std::ops::Range;

use super::Form;

/// Where a member lies in the output.
#[derive(Clone, Debug)]
pub(super) struct Printed {
    pub(super) start: usize,
    pub(super) key: Key,
    pub(super) end: usize,
}

/// Where a key lies in the output, without its quotes.
#[derive(Clone, Debug)]
pub(super) struct Key {
    range: Range<usize>,
    /// Its first eight bytes as a number, if keys stand in the order of their bytes here: most
    /// comparisons end with it.
    head: Option<u64>,
}

impl Key {
    pub(super) fn new(range: Range<usize>, by_bytes: bool, out: &[u8]) -> Self {
        let head = by_bytes.then(|| head(&out[range.clone()]));
        Self { range, head }
    }

    fn text<'o>(&self, out: &'o [u8]) -> &'o [u8] {
        &out[self.range.clone()]
    }

    /// Which of two keys comes first.
    pub(super) fn compare<F: Form>(&self, other: &Self, out: &[u8], form: &F) -> Ordering {
        match (self.head, other.head) {
            (Some(a), Some(b)) => a.cmp(&b).then_with(|| self.text(out).cmp(other.text(out))),
            _ => form.compare_keys(self.text(out), other.text(out)),
        }
    }
}

/// The first eight bytes, the missing ones as zero. No key has a zero byte: it would be escaped.
fn head(key: &[u8]) -> u64 {
    let mut head = [0; 8];
    let length = key.len().min(8);
    head[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(head)
}

/// Writes members into `sorted`, in order. Of those with the same key only the last one stays: the
/// sort is stable.
pub(super) fn sort<F: Form>(members: &mut [Printed], out: &[u8], form: &F, sorted: &mut Vec<u8>) {
    members.sort_by(|a, b| a.key.compare(&b.key, out, form));

    sorted.clear();
    for (index, member) in members.iter().enumerate() {
        let next = members.get(index + 1);
        if next.is_some_and(|next| next.key.text(out) == member.key.text(out)) {
            continue;
        }
        if !sorted.is_empty() {
            sorted.push(b',');
        }
        sorted.extend_from_slice(&out[member.start..member.end]);
    }
}
