//! A bounded memory: what does not fit pushes out the oldest.

use std::collections::HashMap;
use std::collections::VecDeque;

use uuid::Uuid;

/// Things by their ids, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    room: usize,
    order: VecDeque<Uuid>,
    things: HashMap<Uuid, T>,
}

impl<T> Shelf<T> {
    /// A shelf with room for so many.
    pub(crate) fn with_room_for(room: usize) -> Self {
        Self {
            room: room.max(1),
            order: VecDeque::new(),
            things: HashMap::new(),
        }
    }

    /// Puts a new thing on it. The oldest falls off if there is no room.
    pub(crate) fn put(&mut self, id: Uuid, thing: T) {
        while self.order.len() >= self.room {
            if let Some(oldest) = self.order.pop_front() {
                self.things.remove(&oldest);
            }
        }
        self.order.push_back(id);
        self.things.insert(id, thing);
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&T> {
        self.things.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        self.things.get_mut(&id)
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<T> {
        self.order.retain(|kept| *kept != id);
        self.things.remove(&id)
    }

    /// All of them, oldest first.
    pub(crate) fn oldest_first(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.order.iter().filter_map(|id| self.things.get(id))
    }

    /// All of them, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.oldest_first().rev()
    }

    /// All of them, in no order.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.values_mut()
    }

    /// Takes away what is not to be kept.
    pub(crate) fn retain(&mut self, mut is_kept: impl FnMut(&T) -> bool) {
        self.things.retain(|_, thing| is_kept(thing));
        self.order.retain(|id| self.things.contains_key(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let mut shelf = Shelf::with_room_for(2);
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        for (id, thing) in [(a, "a"), (b, "b"), (c, "c")] {
            shelf.put(id, thing);
        }
        assert_eq!(shelf.newest_first().collect::<Vec<_>>(), [&"c", &"b"]);
        assert_eq!(shelf.get(a), None);

        shelf.remove(c);
        assert_eq!(shelf.newest_first().collect::<Vec<_>>(), [&"b"]);
    }
}
