//! Much that is owed once more, at a pace at which live events go first.
//!
//! A replay is remembered by the store and carried through here, a portion after the other. Each sink
//! is owed only a few of its deliveries at a time, and they are due behind whatever was due before
//! them. So what comes live never finds more than those few in front of it, and half of the sink's
//! connections free of them.

mod ahead;

mod count;

mod find;

mod step;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;
use tracing::error;
use tracing::info;

use self::ahead::Ahead;
pub use self::count::Count;
use self::step::PORTION;
pub use self::step::Step;
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::name::SinkName;
use crate::replay::ReplayId;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::store::NewReplay;
use crate::store::Replay;
use crate::store::Selection;
use crate::store::Store;
use crate::store::StoreError;

/// So many may go on at a time. Each costs a look now and then for as long as it does.
const AT_ONCE: usize = 100;

/// How long to wait before looking again what has been taken: at first, and at most where nothing
/// moves.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));

/// How long to wait before a failing store is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// A wish to have much delivered once more.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What.
    pub selection: Selection,
    /// Where to; each of them is one of the replayer's.
    pub sinks: Vec<SinkName>,
}

/// Carries replays through.
#[derive(Debug)]
pub struct Replayer {
    store: Arc<dyn Store>,
    routes: Arc<Routes>,
    clock: Arc<dyn Clock>,
    /// How many deliveries each sink is owed at a time.
    windows: BTreeMap<SinkName, usize>,
    bell: Notify,
    /// What was found and is not owed yet.
    ahead: Mutex<HashMap<(ReplayId, SinkName), Ahead>>,
}

impl Replayer {
    /// Carries through what is owed to these sinks, each named with how many deliveries may be under
    /// way to it at once.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        routes: Arc<Routes>,
        clock: Arc<dyn Clock>,
        sinks: impl IntoIterator<Item = (SinkName, usize)>,
    ) -> Self {
        // The other half is for what comes live.
        let half = |(sink, at_once): (SinkName, usize)| (sink, (at_once / 2).clamp(1, PORTION));
        Self {
            store,
            routes,
            clock,
            windows: sinks.into_iter().map(half).collect(),
            bell: Notify::new(),
            ahead: Mutex::default(),
        }
    }

    /// Begins a replay of what was counted. None: so many go on that no other may begin.
    pub async fn begin(&self, wish: Wish, count: &Count) -> Result<Option<Replay>, StoreError> {
        if self.store.unfinished_replays().await?.len() >= AT_ONCE {
            return Ok(None);
        }
        let new = NewReplay {
            selection: wish.selection,
            sinks: wish.sinks,
            matched: count.matched,
            behind: count.behind,
            through: count.through,
        };
        let replay = self.store.begin_replay(new, self.clock.now()).await?;
        info!(replay.id = %replay.id, "A replay begins");
        self.bell.notify_one();
        Ok(Some(replay))
    }

    /// Ends a replay before its time. None: there is none with this id.
    pub async fn cancel(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        let cancelled = self.store.cancel_replay(id, self.clock.now()).await?;
        self.bell.notify_one();
        Ok(cancelled)
    }

    /// Carries replays through until told to stop. Where one stands then, it goes on at the next start.
    pub async fn run(&self, stop: Shutdown) {
        let (shortest, longest) = PAUSES;
        let mut pause = shortest;
        while !stop.is_requested() {
            let taken = self.step().await;
            pause = match &taken {
                Ok(Step::Worked) => shortest,
                Ok(Step::Waiting | Step::Idle) => (pause * 2).min(longest),
                Err(error) => {
                    error!(error = %with_causes(error), "Replays cannot go on; trying again in a second");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.requested() => {}
                () = self.bell.notified() => pause = shortest,
                () = sleep(pause), if !matches!(taken, Ok(Step::Idle)) => {}
            }
        }
    }
}
