//! One turn of the one writer: everything that waits to be written, in one transaction.
//!
//! Appends and the dispatcher's settles and claims share the turn. That makes each commit worth
//! its sync to the disk, and it is the fairness rule too: neither side can starve the other.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;

use super::Append;
use super::Appended;
use super::Room;
use super::StoreError;
use crate::delivery::DeliveryId;
use crate::delivery::Hold;
use crate::delivery::Settle;
use crate::event::Seq;
use crate::name::SinkName;

/// At most so many appends in a turn. More per commit gains nothing that can be measured.
pub(super) const APPENDS: usize = 256;

/// At most so many settles and claims in a turn.
pub(super) const WORK: usize = 512;

/// What waits to be written. Each list is answered in its own order.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) appends: Vec<Append>,
    /// Each of those that belong together, and their present.
    pub(super) settles: Vec<(Vec<Settle>, Timestamp)>,
    pub(super) claims: Vec<Claim>,
    pub(super) sightings: Vec<Sighting>,
}

impl Turn {
    /// How many could fail each on its own.
    pub(super) fn parts(&self) -> usize {
        self.appends.len() + self.settles.len() + self.claims.len()
    }
}

/// A wish for work.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) rooms: Vec<Room>,
    pub(super) now: Timestamp,
    pub(super) lease: SignedDuration,
}

/// A known event came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) seq: Seq,
    /// How often, since it was counted last.
    pub(super) times: u64,
    pub(super) last_at: Timestamp,
}

/// A lease before its event was read: that needs no place in the writer's turn.
#[derive(Clone, Debug)]
pub(super) struct Claimed {
    pub(super) delivery: DeliveryId,
    pub(super) fence: i64,
    pub(super) sink: SinkName,
    pub(super) event: Seq,
    pub(super) attempts: u32,
    pub(super) patience_since: Option<Timestamp>,
    pub(super) replay: bool,
    pub(super) enriched: bool,
    pub(super) held_by: Option<Hold>,
    pub(super) goes_alone: bool,
}

/// What a turn did.
#[derive(Debug, Default)]
pub(super) struct TurnOutcome {
    pub(super) appended: Vec<Appended>,
    pub(super) settled: Vec<Vec<bool>>,
    pub(super) claimed: Vec<Vec<Claimed>>,
    /// The newest event of all.
    pub(super) newest: Seq,
    /// Whether something may now be due, or due sooner, than a dispatcher knows.
    pub(super) rings: bool,
}

/// A database that can write a turn.
#[async_trait]
pub(super) trait Backend: Send + 'static {
    /// Writes all of a turn, or nothing of it. Afterwards the next turn finds a usable connection,
    /// whatever went wrong.
    async fn write(&mut self, turn: &Turn) -> Result<TurnOutcome, StoreError>;
}
