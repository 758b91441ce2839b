//! What is claimed for one sink.

use std::sync::Arc;

use jiff::Timestamp;

use super::batch::Load;
use super::batch::part;
use super::desk::Desk;
use super::line::Place;
use super::line::Places;
use super::pass::Pass;
use super::pass::Ticket;
use crate::delivery::Lease;
use crate::store::Room;
use crate::store::Together;

/// What is claimed for one sink, and where it can go.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) desk: &'a Arc<Desk>,
    /// What was leased.
    pub(super) leases: Vec<Lease>,
    places: Places,
    pass: Pass,
}

impl<'a> Wish<'a> {
    /// What to claim for a sink now; none: nothing.
    pub(super) fn of(desk: &'a Arc<Desk>, now: Timestamp) -> Option<Self> {
        let pass = desk.gate.pass(now)?;
        let places = desk.line.take()?;
        Some(Self {
            desk,
            leases: Vec::new(),
            places,
            pass,
        })
    }

    /// The same for the store. What goes together is one claim, and needs one place.
    pub(super) fn room(&self) -> Room {
        let sink = self.desk.settings.name.clone();
        match self.desk.batch() {
            None => Room {
                sink,
                limit: self.hands(),
                together: None,
            },
            Some(batch) => Room {
                sink,
                limit: batch.max.get(),
                together: Some(Together { wait: batch.wait }),
            },
        }
    }

    /// Whether as much was leased as goes together, so that there may be more.
    pub(super) fn is_full(&self) -> bool {
        let batch = self.desk.batch();
        batch.is_some_and(|batch| self.leases.len() >= batch.max.get())
    }

    /// What was leased, for each of those who try it at the same time.
    pub(super) fn work(&mut self) -> Vec<Vec<Load>> {
        let leases = std::mem::take(&mut self.leases);
        let loads = match self.desk.batch() {
            None => leases.into_iter().map(|lease| vec![lease]).collect(),
            Some(batch) => part(leases, batch.max.get()),
        };
        let each = loads.len().div_ceil(self.hands().max(1));
        let mut loads = loads.into_iter();
        let mut work = Vec::new();
        while loads.len() > 0 {
            work.push(loads.by_ref().take(each).collect());
        }
        work
    }

    /// What one of them needs to begin; none: there are no more.
    pub(super) fn next(&mut self) -> Option<(Place, Ticket)> {
        Some((self.places.one()?, self.pass.ticket()?))
    }

    /// How many can try something at the same time.
    fn hands(&self) -> usize {
        self.pass.limit().min(self.places.count())
    }
}
