//! One event owed to one sink, and the tries to hand it over.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::event::Event;
use crate::event::EventId;
use crate::id::Kind;
use crate::id::RowId;
use crate::name::SinkName;
use crate::task::Enrichment;

/// Marks the ids of deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKind;

impl Kind for DeliveryKind {
    const PREFIX: &'static str = "dlv_";
}

/// The id of a delivery: `dlv_` and a UUID of version 7.
pub type DeliveryId = RowId<DeliveryKind>;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Due now or later.
    Pending,
    /// Behind an earlier delivery with the same order key.
    Waiting,
    /// In the hands of a worker.
    Leased,
    /// The sink said yes.
    Delivered,
    /// Given up, or refused by the sink. It stays and can be retried.
    Dead,
    /// Not to be delivered; `reason` says why.
    Discarded,
}

impl DeliveryState {
    /// All of them, in the order of a delivery's life.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Waiting,
        Self::Leased,
        Self::Delivered,
        Self::Dead,
        Self::Discarded,
    ];

    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    /// Whether nothing more is owed: settled deliveries are never claimed.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Delivered | Self::Dead | Self::Discarded)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no delivery's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state of a delivery: pending, waiting, leased, delivered, dead, discarded")]
pub struct UnknownState(String);

impl FromStr for DeliveryState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// One event owed to one sink.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The sink.
    pub sink: SinkName,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it is dead or discarded.
    pub reason: Option<String>,
    /// How many attempts were made and counted.
    pub attempts: u32,
    /// When it is tried next; none while it waits, is leased, or is settled.
    pub next_attempt_at: Option<Timestamp>,
    /// When the debt arose.
    pub created_at: Timestamp,
    /// When it was delivered, given up or discarded.
    pub settled_at: Option<Timestamp>,
    /// Whether it is a replay: such a one neither waits for others nor holds them up.
    pub replay: bool,
    /// How the last attempt ended, in a line.
    pub last_answer: Option<String>,
}

/// A delivery in the hands of a worker, until the lease runs out.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Whoever settles must show the number of the lease it was given. A worker that was away too
    /// long finds another number in the store and changes nothing.
    pub fence: i64,
    /// The sink it is owed to.
    pub sink: SinkName,
    /// What to deliver.
    pub event: Arc<Event>,
    /// What is sent of the task with it; none where the sink does not want that.
    pub enrichment: Option<Enrichment>,
    /// Attempts made before this one.
    pub attempts: u32,
    /// Since when the give-up clock runs: when the first of them began, later by as long as the sink
    /// stood still since. None: it was not tried.
    pub patience_since: Option<Timestamp>,
    /// Whether it is a replay.
    pub replay: bool,
    /// The lease that holds it, where it is not its own: that of the head of its lane, behind which
    /// it stands. It is settled together with that one, or not at all.
    pub held_by: Option<Hold>,
    /// Whether it was refused before, perhaps for the company it was in.
    pub goes_alone: bool,
}

/// A lease that holds what stands behind it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// The head of the lane.
    pub delivery: DeliveryId,
    /// The number of its lease.
    pub fence: i64,
}

/// One try of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Counting from 1.
    pub number: NonZeroU32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, to the millisecond.
    pub duration: SignedDuration,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What went wrong, in a line.
    pub error: Option<String>,
    /// The beginning of the sink's answer: at most [`Attempt::ANSWER_LIMIT`] bytes.
    pub answer: Option<String>,
}

impl Attempt {
    /// How much of an answer is kept, in bytes.
    pub const ANSWER_LIMIT: usize = 2048;
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The sink said yes.
    Delivered,
    /// Not this time: another try may go better.
    Failed,
    /// The sink will never take it, or it can never be sent.
    Refused,
}

/// What becomes of a leased delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The sink said yes.
    Delivered,
    /// Try again at this time.
    Retry(Timestamp),
    /// Given up or refused, and why.
    Dead(String),
    /// Not to be delivered after all, and why. It was not tried.
    Discarded(String),
    /// Not tried at all: due again at once, and no attempt is counted. So a worker that stops
    /// gives back what it holds.
    GivenBack,
}

/// A worker's word on a delivery it holds.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The number of the lease.
    pub fence: i64,
    /// The lease that holds it, where it is not its own.
    pub held_by: Option<Hold>,
    /// The attempt to record; none when it was not tried.
    pub attempt: Option<Attempt>,
    /// What becomes of it.
    pub settlement: Settlement,
}
