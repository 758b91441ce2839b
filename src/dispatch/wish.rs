//! What is claimed for one sink.

use std::sync::Arc;

use jiff::Timestamp;

use super::desk::Desk;
use super::line::Place;
use super::line::Places;
use super::pass::Pass;
use super::pass::Ticket;
use crate::store::Room;

/// What is claimed for one sink, and where it can go.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) desk: &'a Arc<Desk>,
    places: Places,
    pass: Pass,
}

impl<'a> Wish<'a> {
    /// What to claim for a sink now; none: nothing.
    pub(super) fn of(desk: &'a Arc<Desk>, now: Timestamp) -> Option<Self> {
        let pass = desk.gate.pass(now)?;
        let places = desk.line.take()?;
        Some(Self { desk, places, pass })
    }

    /// The same for the store.
    pub(super) fn room(&self) -> Room {
        Room {
            sink: self.desk.settings.name.clone(),
            limit: self.pass.limit().min(self.places.count()),
            together: None,
        }
    }

    /// What one delivery needs to go on; none: more than were asked for.
    pub(super) fn next(&mut self) -> Option<(Place, Ticket)> {
        Some((self.places.one()?, self.pass.ticket()?))
    }
}
