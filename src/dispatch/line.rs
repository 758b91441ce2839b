//! The places in front of a sink.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::alarm::Alarm;

/// How many deliveries stand in line for each connection.
///
/// A claim and a settlement wait for the disk, and what they cost hardly depends on how many they
/// are for. With one in line for each connection, groups of six were all that came together, and a
/// delivery took twice the processor's time.
pub(super) const DEPTH: u32 = 4;

/// The places in front of a sink, for deliveries that are leased and wait for a free connection.
///
/// While one group is on its way the next is at hand, so a claim, which waits for the disk, never
/// leaves a sink without work. A delivery waits in line for [`DEPTH`] time-outs at most, which the
/// length of a lease allows for.
#[derive(Debug)]
pub(super) struct Line {
    free: AtomicUsize,
    /// How many must be free for a claim to be worth its while.
    enough: usize,
    alarm: Arc<Alarm>,
}

impl Line {
    /// A line with this many places, all free, that are taken when so many are.
    pub(super) fn new(places: usize, enough: usize, alarm: Arc<Alarm>) -> Self {
        Self {
            free: AtomicUsize::new(places),
            enough,
            alarm,
        }
    }

    /// Takes every free place, or none while there are not enough: what stands in line goes first
    /// anyway, and claims in groups cost a fraction of claims one by one.
    pub(super) fn take(self: &Arc<Self>) -> Option<Places> {
        let taken = self
            .free
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |free| {
                (free >= self.enough).then_some(0)
            });
        let count = taken.ok()?;
        Some(Places {
            line: Arc::clone(self),
            count,
        })
    }

    /// Whether places can be taken.
    pub(super) fn is_open(&self) -> bool {
        self.free.load(Ordering::SeqCst) >= self.enough
    }

    /// Frees a place that a delivery has left.
    fn leave(&self) {
        let before = self.free.fetch_add(1, Ordering::SeqCst);
        // Rung once for each claim, by the one who makes enough of them free.
        if before + 1 == self.enough {
            self.alarm.forget();
            self.alarm.ring();
        }
    }
}

/// Places that have been taken and not given to a delivery yet.
#[derive(Debug)]
pub(super) struct Places {
    line: Arc<Line>,
    count: usize,
}

impl Places {
    /// How many.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Gives one to a delivery. None: there are no more.
    pub(super) fn one(&mut self) -> Option<Place> {
        self.count = self.count.checked_sub(1)?;
        Some(Place(Arc::clone(&self.line)))
    }
}

impl Drop for Places {
    /// Gives back what no delivery was found for. That nothing more is due is known already, so
    /// nobody is woken.
    fn drop(&mut self) {
        self.line.free.fetch_add(self.count, Ordering::SeqCst);
    }
}

/// One delivery's place, until dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Line>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(places: usize) -> Arc<Line> {
        Arc::new(Line::new(
            places,
            places.div_ceil(2),
            Arc::new(Alarm::new()),
        ))
    }

    #[test]
    fn nothing_is_taken_until_half_the_line_is_free() {
        let line = line(4);
        let mut places = line.take().unwrap();
        let mut standing: Vec<Place> = (0..4).filter_map(|_| places.one()).collect();
        assert!(places.one().is_none());
        drop(places);

        assert!(line.take().is_none());
        standing.pop();
        assert!(!line.is_open());
        standing.pop();
        assert_eq!(line.take().unwrap().count(), 2);
    }

    #[test]
    fn places_that_found_no_delivery_are_free_again() {
        let line = line(3);
        drop(line.take());
        assert_eq!(line.take().unwrap().count(), 3);
    }

    #[tokio::test]
    async fn the_alarm_rings_when_half_the_line_has_gone() {
        let line = line(4);
        let mut places = line.take().unwrap();
        let mut standing: Vec<Place> = (0..4).filter_map(|_| places.one()).collect();
        drop(places);

        standing.truncate(2);
        line.alarm.rung().await;
    }

    #[test]
    fn a_sink_that_takes_one_at_a_time_has_a_line_of_one() {
        let line = line(1);
        let place = line.take().unwrap().one();
        assert!(line.take().is_none());
        drop(place);
        assert!(line.take().is_some());
    }
}
