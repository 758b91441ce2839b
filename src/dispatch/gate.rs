//! Whether a sink is tried now.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::breaker::Admits;
use super::breaker::Breaker;
use super::breaker::Probe;
use super::breaker::Turned;
use super::desk::SinkSettings;
use super::pace::Pace;
use super::pass::Pass;
use super::pass::Ticket;
use crate::name::SinkName;
use crate::store::OpenBreaker;
use crate::store::Standing;
use crate::store::Standings;

/// What stands between a sink and its deliveries. Nothing goes through while somebody has the sink
/// paused; while its breaker is open, one probe at a time does; and never more than its rate allows.
///
/// It is asked twice: before a claim, and by what was claimed before it begins. So a pause takes
/// effect at once, also on what stands in line, and so does a breaker that opens.
#[derive(Debug)]
pub(super) struct Gate {
    sink: SinkName,
    standings: watch::Receiver<Arc<Standings>>,
    breaker: Mutex<Breaker>,
    pace: Option<Mutex<Pace>>,
}

impl Gate {
    /// The gate of a sink, as the store knows it to stand.
    pub(super) fn new(
        settings: &SinkSettings,
        standings: watch::Receiver<Arc<Standings>>,
        now: Timestamp,
    ) -> Arc<Self> {
        let sink = settings.name.clone();
        let found = standings.borrow().get(&sink).and_then(|found| found.open);
        Arc::new(Self {
            sink,
            standings,
            breaker: Mutex::new(Breaker::new(settings.breaker.clone(), found, now)),
            pace: settings.rate.map(|rate| Mutex::new(Pace::new(rate))),
        })
    }

    /// Whether anything may be claimed.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        let admits = self.breaker().admits(now);
        matches!(admits, Admits::All | Admits::OneProbe) && !self.is_paused() && self.room(now) > 0
    }

    /// When it opens by itself; none where that is not foreseen.
    pub(super) fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_paused() {
            return None;
        }
        match self.breaker().admits(now) {
            Admits::All | Admits::OneProbe => self.pace()?.opens_at(now),
            Admits::NobodyBefore(then) => Some(then),
            Admits::NobodyYet => None,
        }
    }

    /// Leave to go through for what is claimed now; none: nothing is to be claimed.
    pub(super) fn pass(self: &Arc<Self>, now: Timestamp) -> Option<Pass> {
        let room = self.room(now);
        if room == 0 || self.is_paused() {
            return None;
        }
        let mut breaker = self.breaker();
        match breaker.admits(now) {
            Admits::All => Some(Pass::for_many(self, room)),
            Admits::OneProbe => Some(Pass::for_probe(self, breaker.probe_begins())),
            Admits::NobodyBefore(_) | Admits::NobodyYet => None,
        }
    }

    /// Leave for one try of what was claimed already; none: it is not to begin now.
    pub(super) fn ticket(self: &Arc<Self>, now: Timestamp) -> Option<Ticket> {
        self.pass(now)?.ticket()
    }

    /// One was claimed.
    pub(super) fn claimed(&self) {
        if let Some(mut pace) = self.pace() {
            pace.claim();
        }
    }

    /// One that was claimed will not begin.
    pub(super) fn gave_back(&self) {
        if let Some(mut pace) = self.pace() {
            pace.give_back();
        }
    }

    /// Whether one that was claimed may begin still; if so, it does.
    pub(super) fn begin(&self, probe: Option<Probe>, now: Timestamp) -> bool {
        if self.is_paused() || probe.is_none() && self.open().is_some() {
            return false;
        }
        if let Some(mut pace) = self.pace() {
            pace.begin(now);
        }
        true
    }

    /// A probe came to nothing, or is over.
    pub(super) fn probe_is_off(&self, probe: Probe) {
        self.breaker().probe_is_off(probe);
    }

    /// A try was answered: the sink is alive.
    pub(super) fn answered(&self) -> Option<Turned> {
        self.breaker().answered()
    }

    /// A try failed, and may go better later.
    pub(super) fn failed(
        &self,
        probe: Option<Probe>,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Option<Turned> {
        self.breaker().failed(probe, asked, now)
    }

    /// The breaker, while it is open.
    pub(super) fn open(&self) -> Option<OpenBreaker> {
        self.breaker().open()
    }

    /// The same as the store knows it.
    pub(super) fn known_open(&self) -> Option<OpenBreaker> {
        self.standing().open
    }

    fn is_paused(&self) -> bool {
        self.standing().paused_at.is_some()
    }

    fn standing(&self) -> Standing {
        let standings = self.standings.borrow();
        standings.get(&self.sink).copied().unwrap_or_default()
    }

    /// How many may be claimed, by the rate alone.
    fn room(&self, now: Timestamp) -> usize {
        self.pace().map_or(usize::MAX, |mut pace| pace.room(now))
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // Nothing in it can be half done: a panic elsewhere leaves it as it was.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self) -> Option<MutexGuard<'_, Pace>> {
        let pace = self.pace.as_ref()?;
        Some(pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
