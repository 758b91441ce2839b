//! A step: each sink is owed as much as it has room for, by the oldest replay that goes there.

use std::collections::BTreeMap;
use std::collections::HashMap;

use tracing::info;

use super::Replayer;
use super::ahead::Ahead;
use crate::name::SinkName;
use crate::replay::ReplayState;
use crate::store::Part;
use crate::store::Portion;
use crate::store::Replay;
use crate::store::ReplayDebts;
use crate::store::StoreError;

/// How much replays may owe a sink in all, most of which waits for its next try: some events that a
/// sink cannot digest do not hold up those behind them, and a sink that takes nothing is not owed
/// everything.
const OPEN: usize = 1_000;

/// The largest portion: beside what waits for its next try there is room for it.
pub(super) const PORTION: usize = OPEN / 2;

/// Whether a step found something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something was owed, or came to its end.
    Worked,
    /// What is owed is under way.
    Waiting,
    /// No replay goes on.
    Idle,
}

/// How much each sink may be owed now.
type Rooms = BTreeMap<SinkName, usize>;

impl Replayer {
    /// Owes what there is room for, and ends what has come to its end. Tests call this in place of
    /// [`Replayer::run`].
    pub async fn step(&self) -> Result<Step, StoreError> {
        let replays = self.store.unfinished_replays().await?;
        self.forget_all_but(&replays).await;
        if replays.is_empty() {
            return Ok(Step::Idle);
        }
        let mut rooms = self.rooms().await?;
        let mut step = Step::Waiting;
        for replay in &replays {
            if self.go_on(replay, &mut rooms).await? {
                step = Step::Worked;
            }
        }
        Ok(step)
    }

    /// How much each sink may be owed. Little room is none, so that debts are made some at a time.
    async fn rooms(&self) -> Result<Rooms, StoreError> {
        let debts = self.store.replay_debts(self.clock.now()).await?;
        let debts: HashMap<SinkName, ReplayDebts> = debts
            .into_iter()
            .map(|debts| (debts.sink.clone(), debts))
            .collect();
        let room = |sink: &SinkName, window: usize| {
            let (open, due) = debts
                .get(sink)
                .map_or((0, 0), |debts| (debts.open, debts.due));
            let room = window.saturating_sub(due).min(OPEN.saturating_sub(open));
            if room * 2 >= window { room } else { 0 }
        };
        let windows = self.windows.iter();
        Ok(windows
            .map(|(sink, &window)| (sink.clone(), room(sink, window)))
            .collect())
    }

    /// Takes a replay a portion further at each of its sinks, or to its end. False: there was nothing
    /// to be done.
    async fn go_on(&self, replay: &Replay, rooms: &mut Rooms) -> Result<bool, StoreError> {
        if replay.state == ReplayState::Cancelled {
            // What was being tried may have come back.
            let ended = self
                .store
                .cancel_replay(replay.id, self.clock.now())
                .await?;
            return Ok(ended.is_some_and(|replay| replay.finished_at.is_some()));
        }
        if replay.parts.iter().all(Part::is_through) {
            return self.finish(replay).await;
        }
        let mut worked = false;
        for part in replay.parts.iter().filter(|part| !part.is_through()) {
            // A sink that is not configured has no room until it is again.
            let room = rooms.entry(part.sink.clone()).or_default();
            if *room > 0 {
                *room -= self.owe(replay, part, *room).await?;
                worked = true;
            }
        }
        Ok(worked)
    }

    /// Owes the next portion, and says how much that is.
    async fn owe(&self, replay: &Replay, part: &Part, room: usize) -> Result<usize, StoreError> {
        let place = (replay.id, part.sink.clone());
        let kept = self.ahead.lock().await.remove(&place);
        let mut ahead = match kept {
            Some(ahead) if ahead.leads_on_from(part.reached) => ahead,
            _ => self.look_ahead(replay, part).await?,
        };
        let (owe, to) = ahead.take(room);
        let count = owe.len();
        let portion = Portion {
            to,
            owe,
            ..standing(replay, part)
        };
        self.store.advance_replay(portion, self.clock.now()).await?;
        // Not before: what was not owed is found again.
        self.ahead.lock().await.insert(place, ahead);
        Ok(count)
    }

    /// Reads the next page of what a replay is about at a sink.
    async fn look_ahead(&self, replay: &Replay, part: &Part) -> Result<Ahead, StoreError> {
        let sinks = std::slice::from_ref(&part.sink);
        let page = self.find(&replay.selection, sinks, part.reached).await?;
        let within = |number: &i64| *number <= part.through;
        let looked = page.next.filter(within).unwrap_or(part.through);
        let wanted = page
            .items
            .iter()
            .filter(|found| found.sinks.contains(&part.sink));
        let numbers = wanted.map(|found| found.number).filter(within);
        Ok(Ahead::new(part.reached, numbers, looked))
    }

    /// Counts what was settled, and notes the end if that was the last of it.
    async fn finish(&self, replay: &Replay) -> Result<bool, StoreError> {
        if replay.parts.iter().any(|part| part.pending > 0) {
            return Ok(false);
        }
        let now = self.clock.now();
        for part in &replay.parts {
            self.store
                .advance_replay(standing(replay, part), now)
                .await?;
        }
        let sum = |of: fn(&Part) -> u64| replay.parts.iter().map(of).sum::<u64>();
        info!(
            replay.id = %replay.id,
            delivery.count = sum(|part| part.delivered),
            dead.count = sum(|part| part.dead),
            "A replay has come to its end"
        );
        Ok(true)
    }

    async fn forget_all_but(&self, replays: &[Replay]) {
        let goes_on = |(id, _): &(_, _)| replays.iter().any(|replay| replay.id == *id);
        self.ahead.lock().await.retain(|place, _| goes_on(place));
    }
}

/// The portion that leaves a replay where it stands.
fn standing(replay: &Replay, part: &Part) -> Portion {
    Portion {
        replay: replay.id,
        sink: part.sink.clone(),
        from: part.reached,
        to: part.reached,
        owe: Vec::new(),
    }
}
