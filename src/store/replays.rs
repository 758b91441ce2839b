//! Replays: much that is owed once more, in portions.

use async_trait::async_trait;
use jiff::Timestamp;

use super::DeliveryFilter;
use super::EventFilter;
use super::Page;
use super::Slice;
use super::StoreError;
use crate::event::Event;
use crate::name::SinkName;
use crate::replay::Again;
use crate::replay::ReplayId;
use crate::replay::ReplayState;

/// What a replay is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The events that a filter finds: each is owed anew.
    Events(EventFilter),
    /// The deliveries that a filter finds and that nothing was owed of when the replay began, though
    /// they had not been delivered: each is owed again.
    Deliveries(DeliveryFilter),
}

impl Selection {
    /// What becomes of what is found.
    #[must_use]
    pub fn again(&self) -> Again {
        match self {
            Self::Events(_) => Again::Replay,
            Self::Deliveries(_) => Again::Retry,
        }
    }
}

/// A replay before it begins.
#[derive(Clone, Debug)]
pub struct NewReplay {
    /// What it is about.
    pub selection: Selection,
    /// Where it goes. Each of them goes at its own pace.
    pub sinks: Vec<SinkName>,
    /// How many events or deliveries were found beforehand.
    pub matched: u64,
    /// It begins behind this number: of an event, or of a delivery.
    pub behind: i64,
    /// It ends with this one. What comes later is beyond it.
    pub through: i64,
}

/// A replay, and how far it has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// What it is about.
    pub selection: Selection,
    /// Where it stands.
    pub state: ReplayState,
    /// How many events or deliveries were found before it began.
    pub matched: u64,
    /// How far it has come at each of its sinks.
    pub parts: Vec<Part>,
    /// When somebody asked for it.
    pub created_at: Timestamp,
    /// When the last of what it owed was settled, and nothing more was to be owed.
    pub finished_at: Option<Timestamp>,
}

/// A replay at one of its sinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The sink.
    pub sink: SinkName,
    /// It began behind this number.
    pub behind: i64,
    /// What has this number or a lower one is dealt with.
    pub reached: i64,
    /// It ends with this one.
    pub through: i64,
    /// How many deliveries it has owed so far: the sum of those below.
    pub owed: u64,
    /// How many of them are not settled.
    pub pending: u64,
    /// How many were delivered.
    pub delivered: u64,
    /// How many were given up or refused.
    pub dead: u64,
    /// How many were discarded.
    pub discarded: u64,
}

impl Part {
    /// Whether all that it is to owe has been owed.
    #[must_use]
    pub fn is_through(&self) -> bool {
        self.reached >= self.through
    }
}

/// What one sink is owed by all replays together, and has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayDebts {
    /// The sink.
    pub sink: SinkName,
    /// All of it.
    pub open: usize,
    /// What is due or being tried: all but what waits for its next try.
    pub due: usize,
}

/// What a replay owes next at one of its sinks.
#[derive(Clone, Debug)]
pub struct Portion {
    /// The replay.
    pub replay: ReplayId,
    /// The sink.
    pub sink: SinkName,
    /// How far it had come there.
    pub from: i64,
    /// How far it has come with this.
    pub to: i64,
    /// The numbers between of what is owed.
    pub owe: Vec<i64>,
}

/// Replays: each is remembered until it is carried through, whatever happens meanwhile.
#[async_trait]
pub trait Replays: std::fmt::Debug + Send + Sync {
    /// Notes a replay. Nothing is owed yet.
    async fn begin_replay(&self, new: NewReplay, now: Timestamp) -> Result<Replay, StoreError>;

    /// The replay with this id.
    async fn find_replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError>;

    /// A stretch of all replays.
    async fn list_replays(&self, slice: Slice) -> Result<Page<Replay>, StoreError>;

    /// Those of which something is still to be done, oldest first.
    async fn unfinished_replays(&self) -> Result<Vec<Replay>, StoreError>;

    /// What they owe to each sink that has not taken it yet; a sink that is owed nothing is left out.
    async fn replay_debts(&self, now: Timestamp) -> Result<Vec<ReplayDebts>, StoreError>;

    /// A stretch of the events that a filter lets through, without how their deliveries stand.
    async fn events_to_replay(
        &self,
        filter: &EventFilter,
        slice: Slice,
    ) -> Result<Page<Event>, StoreError>;

    /// Owes a portion and notes how far the replay has come, both or neither, and says how many
    /// deliveries that made. Nothing is owed if the replay has come further meanwhile or was
    /// cancelled, nor for what has gone or was owed again by somebody else. With the last of it
    /// settled the replay is done.
    async fn advance_replay(&self, portion: Portion, now: Timestamp) -> Result<u64, StoreError>;

    /// Ends a replay: nothing more is owed, and what nobody is trying just now is discarded; of a
    /// retry, it is a dead letter again. What is being tried ends by itself; called again, this ends
    /// what came back from it. A replay that is done stays so.
    async fn cancel_replay(
        &self,
        id: ReplayId,
        now: Timestamp,
    ) -> Result<Option<Replay>, StoreError>;
}
