//! How the deliveries of an event stand.

use serde::Serialize;

/// How many deliveries of an event stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryCounts {
    /// Still owed: also what is leased, and what waits behind another.
    pub pending: u64,
    /// Delivered.
    pub delivered: u64,
    /// Given up or refused.
    pub dead: u64,
    /// Not to be delivered.
    pub discarded: u64,
}
