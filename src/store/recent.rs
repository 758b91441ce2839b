//! The newest events that are owed to somebody, in memory for a moment.
//!
//! A dispatcher that keeps up asks for an event milliseconds after it was stored. Reading it back
//! and making out once more what it says would cost more than storing it did.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::event::Event;
use crate::event::Seq;

/// At most so many bytes of events are kept. A dispatcher further behind reads from the disk.
const LIMIT: usize = 2 * 1024 * 1024;

/// What an event takes beside its body, about.
const OVERHEAD: usize = 1024;

/// The newest events. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Arc<Mutex<Events>>);

#[derive(Debug, Default)]
struct Events {
    by_number: BTreeMap<Seq, Arc<Event>>,
    bytes: usize,
}

impl Recent {
    /// Keeps an event that was stored. It must not change from here on, or be forgotten.
    pub(super) fn keep(&self, event: Event) {
        let mut events = self.events();
        events.bytes += weight(&event);
        events.by_number.insert(event.seq, Arc::new(event));
        while events.bytes > LIMIT
            && let Some((_, oldest)) = events.by_number.pop_first()
        {
            events.bytes -= weight(&oldest);
        }
    }

    /// Forgets an event, because more became known of it.
    pub(super) fn forget(&self, seq: Seq) {
        let mut events = self.events();
        if let Some(event) = events.by_number.remove(&seq) {
            events.bytes -= weight(&event);
        }
    }

    /// The event with this number, if it is still here.
    pub(super) fn get(&self, seq: Seq) -> Option<Arc<Event>> {
        self.events().by_number.get(&seq).map(Arc::clone)
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // A panic elsewhere can at worst have left the sum too high, and then less is kept.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(event: &Event) -> usize {
    OVERHEAD + event.body.len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

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
        }
    }

    #[test]
    fn the_newest_are_kept_in_bounded_memory() {
        let recent = Recent::default();
        let length = LIMIT / 4 - OVERHEAD;
        for seq in 1..=6 {
            recent.keep(event(seq, length));
        }
        let kept: Vec<Seq> = (1..=6).filter(|&seq| recent.get(seq).is_some()).collect();
        assert_eq!(kept, [3, 4, 5, 6]);

        recent.forget(5);
        recent.keep(event(7, length));
        assert!(recent.get(3).is_some() && recent.get(5).is_none());

        recent.keep(event(8, 2 * LIMIT));
        assert_eq!(recent.events().bytes, 0);
    }
}
