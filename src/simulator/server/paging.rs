//! Parts of long lists.

use super::asked::Asked;
use super::refusal::Refusal;

/// Which part of a list is wanted: the first page is 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// Reads it, under the names that this version of the API gives.
    pub(super) fn take(asked: &mut Asked, [number, size]: [&str; 2], default: usize) -> Self {
        let mut positive = |name, most, default| {
            let number = asked.integer(name, 1..=most);
            number
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(default)
        };
        Self {
            number: positive(number, i64::MAX, 1),
            size: positive(size, 100, default),
        }
    }

    /// The same, where nothing else is asked.
    pub(super) fn only(
        query: Option<&str>,
        names: [&str; 2],
        default: usize,
    ) -> Result<Self, Refusal> {
        let mut asked = Asked::query(query);
        let page = Self::take(&mut asked, names, default);
        asked.finish()?;
        Ok(page)
    }

    /// The part of a list, and how long the list is.
    pub(super) fn of<T>(self, all: impl Iterator<Item = T>) -> (Vec<T>, usize) {
        let all: Vec<T> = all.collect();
        let total = all.len();
        let before = (self.number - 1).saturating_mul(self.size);
        let part = all.into_iter().skip(before).take(self.size);
        (part.collect(), total)
    }
}

/// What comes after an id, at most so many, and whether there is more. None: nothing has this id.
pub(super) fn after<T, K: PartialEq>(
    all: impl Iterator<Item = T>,
    cursor: Option<&K>,
    id: impl Fn(&T) -> K,
    limit: usize,
) -> Option<(Vec<T>, bool)> {
    let mut rest = all.peekable();
    if let Some(cursor) = cursor {
        rest.find(|item| id(item) == *cursor)?;
    }
    let part: Vec<T> = rest.by_ref().take(limit).collect();
    Some((part, rest.peek().is_some()))
}
