//! How often known events came again, counted in memory.
//!
//! A sender that tries again, or an attacker who replays, must not cost a write each time. The
//! counts go to the database with a turn at most once a second; a crash loses what was counted
//! since, so they are lower bounds.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use jiff::Timestamp;

use super::turn::Sighting;
use crate::event::Seq;

/// At most so many events are counted at a time. Beyond them a sighting is not counted: the flood
/// that fills this within a second is not worth remembering one by one.
const LIMIT: usize = 4096;

/// The counts that are not written yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Sightings(Arc<Mutex<HashMap<Seq, Sighting>>>);

impl Sightings {
    /// Counts one more arrival of a known event.
    pub(super) fn count(&self, seq: Seq, at: Timestamp) {
        self.add(Sighting {
            seq,
            times: 1,
            last_at: at,
        });
    }

    /// Takes all of them, to write them.
    pub(super) fn take(&self) -> Vec<Sighting> {
        self.map().drain().map(|(_, sighting)| sighting).collect()
    }

    /// Puts back what could not be written.
    pub(super) fn put_back(&self, sightings: Vec<Sighting>) {
        for sighting in sightings {
            self.add(sighting);
        }
    }

    /// What is counted and not written of one event.
    pub(super) fn of(&self, seq: Seq) -> Option<Sighting> {
        self.map().get(&seq).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.map().is_empty()
    }

    fn add(&self, new: Sighting) {
        let mut map = self.map();
        if map.len() >= LIMIT && !map.contains_key(&new.seq) {
            return;
        }
        map.entry(new.seq)
            .and_modify(|known| {
                known.times = known.times.saturating_add(new.times);
                known.last_at = known.last_at.max(new.last_at);
            })
            .or_insert(new);
    }

    fn map(&self) -> std::sync::MutexGuard<'_, HashMap<Seq, Sighting>> {
        // Counts are whole after every statement, so a panic elsewhere cannot have torn them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_replays_is_counted_in_bounded_memory() {
        let sightings = Sightings::default();
        for seq in 0..2 * i64::try_from(LIMIT).unwrap() {
            sightings.count(seq, Timestamp::UNIX_EPOCH);
            sightings.count(seq, Timestamp::UNIX_EPOCH);
        }
        let taken = sightings.take();
        assert_eq!(taken.len(), LIMIT);
        assert!(taken.iter().all(|sighting| sighting.times == 2));
        assert!(sightings.is_empty());
    }
}
