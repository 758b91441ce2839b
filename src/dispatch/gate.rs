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
use super::breaker::BreakerPolicy;
use super::breaker::Probe;
use super::breaker::Turned;
use crate::name::SinkName;
use crate::store::OpenBreaker;
use crate::store::Standing;
use crate::store::Standings;

/// What stands between a sink and its deliveries. Nothing goes through while somebody has the sink
/// paused; while its breaker is open, one probe at a time does.
///
/// It is asked twice: before a claim, and by what was claimed before it begins. So a pause takes
/// effect at once, also on what stands in line, and so does a breaker that opens.
#[derive(Debug)]
pub(super) struct Gate {
    sink: SinkName,
    standings: watch::Receiver<Arc<Standings>>,
    breaker: Mutex<Breaker>,
}

impl Gate {
    /// The gate of a sink, as the store knows it to stand.
    pub(super) fn new(
        sink: SinkName,
        standings: watch::Receiver<Arc<Standings>>,
        policy: BreakerPolicy,
        now: Timestamp,
    ) -> Arc<Self> {
        let found = standings.borrow().get(&sink).and_then(|found| found.open);
        Arc::new(Self {
            sink,
            standings,
            breaker: Mutex::new(Breaker::new(policy, found, now)),
        })
    }

    /// Whether anything may begin.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        let admits = self.breaker().admits(now);
        matches!(admits, Admits::All | Admits::OneProbe) && !self.is_paused()
    }

    /// When it opens by itself; none where that is not foreseen.
    pub(super) fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.breaker().admits(now) {
            Admits::NobodyBefore(then) if !self.is_paused() => Some(then),
            _ => None,
        }
    }

    /// Leave to go through for what is claimed now; none: nothing is to be claimed.
    pub(super) fn pass(self: &Arc<Self>, now: Timestamp) -> Option<Pass> {
        if self.is_paused() {
            return None;
        }
        let mut breaker = self.breaker();
        match breaker.admits(now) {
            Admits::All => Some(Pass::ANYBODY),
            Admits::OneProbe => Some(Pass(Some(Probing {
                probe: breaker.probe_begins(),
                gate: Arc::clone(self),
            }))),
            Admits::NobodyBefore(_) | Admits::NobodyYet => None,
        }
    }

    /// Whether what has a pass may still begin.
    pub(super) fn honours(&self, pass: &Pass) -> bool {
        !self.is_paused() && (pass.is_probe() || self.open().is_none())
    }

    /// A try was answered: the sink is alive.
    pub(super) fn answered(&self) -> Option<Turned> {
        self.breaker().answered()
    }

    /// A try failed, and may go better later.
    pub(super) fn failed(
        &self,
        pass: &Pass,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Option<Turned> {
        let probe = pass.0.as_ref().map(|probing| probing.probe);
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

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        // Nothing in it can be half done: a panic elsewhere leaves it as it was.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to try. That of a probe is for one, and as long as it is held there is no other.
#[derive(Debug)]
pub(super) struct Pass(Option<Probing>);

#[derive(Debug)]
struct Probing {
    probe: Probe,
    gate: Arc<Gate>,
}

impl Pass {
    /// For everybody, while the breaker is closed.
    const ANYBODY: Self = Self(None);

    /// Whether it is a probe's.
    pub(super) fn is_probe(&self) -> bool {
        self.0.is_some()
    }

    /// For how many of so many deliveries it is.
    pub(super) fn limit(&self, many: usize) -> usize {
        if self.is_probe() { many.min(1) } else { many }
    }

    /// A delivery's own. A probe's is given away with it.
    pub(super) fn take(&mut self) -> Self {
        Self(self.0.take())
    }
}

impl Drop for Probing {
    /// Whatever did not become of the probe, the next may begin. Where it has failed or was
    /// answered, the breaker knows that already.
    fn drop(&mut self) {
        self.gate.breaker().probe_is_off(self.probe);
    }
}
