//! What is claimed for one sink.

use std::sync::Arc;

use jiff::Timestamp;

use super::desk::Desk;
use super::gate::Pass;
use super::line::Places;
use crate::store::Room;

/// What is claimed for one sink, with all that a delivery needs to go on: a place and a pass.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) desk: &'a Arc<Desk>,
    pub(super) places: Places,
    pub(super) pass: Pass,
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
            limit: self.pass.limit(self.places.count()),
        }
    }
}
