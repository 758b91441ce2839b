//! Which sinks an event goes to.

use crate::name::SinkName;

/// A debt that an event brings with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The sink it is owed to.
    pub sink: SinkName,
    /// Deliveries to one sink with the same lane go one after the other; none waits for nobody.
    pub lane: Option<Lane>,
}

/// An order key in 63 bits, hashed. Two keys that collide are only ordered among each other
/// without need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(i64);

impl Lane {
    /// The number, as stored.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}
