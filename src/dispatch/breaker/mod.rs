//! When a sink that fails again and again is left alone, and how it comes back.

mod policy;

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

pub use self::policy::BreakerPolicy;
use crate::store::OpenBreaker;

/// The breaker of one sink. Closed, everything goes; open, nothing does but one probe at a time.
///
/// A sink that answers is alive, also one that refuses an event: the next may please it. So any
/// answer closes the breaker, and only failures that could go better later open it.
#[derive(Debug)]
pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: State,
    /// How many probes were ever begun.
    begun: u64,
}

/// A probe. One that comes back after the breaker has closed and opened again is none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Probe(u64);

#[derive(Clone, Copy, Debug)]
enum State {
    Closed {
        /// In a row, up to now.
        failures: u32,
    },
    Open {
        since: Timestamp,
        probe_at: Timestamp,
        /// How many probes have failed.
        probes: u32,
        /// The one under way.
        under_way: Option<Probe>,
    },
}

/// Who may begin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admits {
    /// Everybody.
    All,
    /// One, to see how it goes.
    OneProbe,
    /// Nobody before this time.
    NobodyBefore(Timestamp),
    /// Nobody before the probe that is under way has ended.
    NobodyYet,
}

/// What the end of a try has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// It opened: the sink is left alone until then.
    Opened(Timestamp),
    /// It stays open after a probe, until the next one then.
    StaysOpen(Timestamp),
    /// It closed, having been open since then.
    Closed(Timestamp),
}

impl Breaker {
    /// The breaker of a sink that another process may have found failing: then a probe is due, so
    /// that a start brings no storm on a sink that is down.
    pub(super) fn new(policy: BreakerPolicy, found: Option<OpenBreaker>, now: Timestamp) -> Self {
        let state = match found {
            Some(open) if policy.failures > 0 => State::Open {
                since: open.since,
                probe_at: open.probe_at.min(now),
                probes: 0,
                under_way: None,
            },
            _ => State::Closed { failures: 0 },
        };
        Self {
            policy,
            state,
            begun: 0,
        }
    }

    /// Since when it is open, and until when; none while it is closed.
    pub(super) fn open(&self) -> Option<OpenBreaker> {
        match self.state {
            State::Closed { .. } => None,
            State::Open {
                since, probe_at, ..
            } => Some(OpenBreaker { since, probe_at }),
        }
    }

    /// Who may begin at this time.
    pub(super) fn admits(&self, now: Timestamp) -> Admits {
        match self.state {
            State::Closed { .. } => Admits::All,
            State::Open {
                under_way: Some(_), ..
            } => Admits::NobodyYet,
            State::Open { probe_at, .. } if now < probe_at => Admits::NobodyBefore(probe_at),
            State::Open { .. } => Admits::OneProbe,
        }
    }

    /// The probe that it admits is under way: there is no other beside it.
    pub(super) fn probe_begins(&mut self) -> Probe {
        self.begun += 1;
        let probe = Probe(self.begun);
        if let State::Open { under_way, .. } = &mut self.state {
            *under_way = Some(probe);
        }
        probe
    }

    /// The probe came to nothing: there was nothing to send, or it was given back.
    pub(super) fn probe_is_off(&mut self, probe: Probe) {
        if let State::Open { under_way, .. } = &mut self.state
            && *under_way == Some(probe)
        {
            *under_way = None;
        }
    }

    /// A try was answered, with a yes or with a no for good.
    pub(super) fn answered(&mut self) -> Option<Turned> {
        let turned = match self.state {
            State::Closed { .. } => None,
            State::Open { since, .. } => Some(Turned::Closed(since)),
        };
        self.state = State::Closed { failures: 0 };
        turned
    }

    /// A try failed: a probe, or one that began while it was closed. The sink may have asked to be
    /// left alone for some time.
    pub(super) fn failed(
        &mut self,
        probe: Option<Probe>,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Option<Turned> {
        match self.state {
            State::Closed { failures } => {
                let failures = failures.saturating_add(1);
                if failures == self.policy.failures {
                    let until = self.opens(now, 0, asked, now);
                    return Some(Turned::Opened(until));
                }
                self.state = State::Closed { failures };
                None
            }
            State::Open {
                since,
                probes,
                under_way,
                ..
            } if probe.is_some() && probe == under_way => {
                let until = self.opens(since, probes.saturating_add(1), asked, now);
                Some(Turned::StaysOpen(until))
            }
            // It began before the breaker opened, and tells nothing new.
            State::Open { .. } => None,
        }
    }

    fn opens(
        &mut self,
        since: Timestamp,
        probes: u32,
        asked: Option<Duration>,
        now: Timestamp,
    ) -> Timestamp {
        let wait = self.policy.wait(probes).max(asked.unwrap_or_default());
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let probe_at = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.state = State::Open {
            since,
            probe_at,
            probes,
            under_way: None,
        };
        probe_at
    }
}

#[cfg(test)]
mod tests;
