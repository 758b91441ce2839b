//! The newest events, in memory for a moment.
//!
//! A dispatcher that keeps up asks for an event milliseconds after it was stored, and so does who
//! follows the log. Reading it back and making out once more what it says would cost each of them
//! more than storing it did.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use jiff::Timestamp;

use crate::event::Event;
use crate::event::Seq;

/// At most so many bytes of events are kept. Whoever is further behind reads from the disk.
const LIMIT: usize = 2 * 1024 * 1024;

/// What an event takes beside its body, about.
const OVERHEAD: usize = 1024;

/// The newest events. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Recent(Arc<Mutex<Events>>);

#[derive(Debug)]
struct Events {
    by_number: BTreeMap<Seq, Arc<Event>>,
    bytes: usize,
    /// None that came after this one is missing here.
    complete_after: Seq,
}

impl Recent {
    /// Nothing yet: the log's newest event is `newest`.
    pub(super) fn new(newest: Seq) -> Self {
        Self(Arc::new(Mutex::new(Events::none(newest))))
    }

    /// Forgets everything: what was stored up to `newest` may not have been kept.
    pub(super) fn start_over(&self, newest: Seq) {
        *self.events() = Events::none(newest);
    }

    /// Keeps an event that was stored. Every one is kept, in the order of their numbers.
    pub(super) fn keep(&self, event: Event) {
        let mut events = self.events();
        events.bytes += weight(&event);
        events.by_number.insert(event.seq, Arc::new(event));
        while events.bytes > LIMIT
            && let Some((seq, oldest)) = events.by_number.pop_first()
        {
            events.bytes -= weight(&oldest);
            events.complete_after = seq;
        }
    }

    /// Counts that an event came again.
    pub(super) fn came_again(&self, seq: Seq, at: Timestamp) {
        if let Some(event) = self.events().by_number.get_mut(&seq) {
            let event = Arc::make_mut(event);
            event.times_received = event.times_received.saturating_add(1);
            event.last_received_at = event.last_received_at.max(at);
        }
    }

    /// The event with this number, if it is still here.
    pub(super) fn get(&self, seq: Seq) -> Option<Arc<Event>> {
        self.events().by_number.get(&seq).map(Arc::clone)
    }

    /// The first events after this one, at most so many. None: some of them may be on the disk
    /// alone.
    pub(super) fn after(&self, seq: Seq, limit: usize) -> Option<Vec<Arc<Event>>> {
        let events = self.events();
        let later = events.by_number.range(seq.saturating_add(1)..);
        (seq >= events.complete_after).then(|| {
            let first = later.take(limit);
            first.map(|(_, event)| Arc::clone(event)).collect()
        })
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // A panic elsewhere can at worst have left the sum too high, and then less is kept.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    fn none(newest: Seq) -> Self {
        Self {
            by_number: BTreeMap::new(),
            bytes: 0,
            complete_after: newest,
        }
    }
}

fn weight(event: &Event) -> usize {
    OVERHEAD + event.body.len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::event::EventId;
    use crate::event::Facts;
    use crate::event::Origin;
    use crate::name::EndpointName;

    fn event(seq: Seq, length: usize) -> Event {
        Event {
            seq,
            id: EventId::from_bytes([0; 16]),
            origin: Origin::Webhook,
            endpoint: EndpointName::default(),
            received_at: Timestamp::UNIX_EPOCH,
            facts: Facts::default(),
            body: Bytes::from(vec![b' '; length]),
            signature: None,
            times_received: 1,
            last_received_at: Timestamp::UNIX_EPOCH,
            same_as: None,
        }
    }

    #[test]
    fn the_newest_are_kept_in_bounded_memory() {
        let recent = Recent::new(0);
        let length = LIMIT / 4 - OVERHEAD;
        for seq in 1..=6 {
            recent.keep(event(seq, length));
        }
        let kept: Vec<Seq> = (1..=6).filter(|&seq| recent.get(seq).is_some()).collect();
        assert_eq!(kept, [3, 4, 5, 6]);

        recent.keep(event(7, 2 * LIMIT));
        assert_eq!(recent.events().bytes, 0);
    }

    #[test]
    fn who_follows_is_told_all_that_came_after_or_to_read_the_disk() {
        let recent = Recent::new(5);
        let numbers = |after, limit| {
            let events = recent.after(after, limit)?;
            Some(events.iter().map(|event| event.seq).collect::<Vec<_>>())
        };
        assert_eq!(numbers(4, 9), None);
        assert_eq!(numbers(5, 9), Some(vec![]));

        // A known event was to get number 7: numbers have gaps.
        for seq in [6, 8, 9] {
            recent.keep(event(seq, LIMIT / 3 - OVERHEAD));
        }
        assert_eq!(numbers(5, 2), Some(vec![6, 8]));
        recent.keep(event(10, 0));
        assert_eq!(numbers(5, 9), None);
        assert_eq!(numbers(6, 9), Some(vec![8, 9, 10]));

        recent.start_over(12);
        assert_eq!(numbers(10, 9), None);
        assert_eq!(numbers(12, 9), Some(vec![]));
    }
}
