//! Leave to go through a gate.

use std::sync::Arc;

use jiff::Timestamp;

use super::breaker::Probe;
use super::gate::Gate;

/// Leave for what is claimed now.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Arc<Gate>,
    /// Of a probe, there is one ticket.
    probe: Option<Probe>,
    limit: usize,
}

impl Pass {
    /// For this many.
    pub(super) fn for_many(gate: &Arc<Gate>, limit: usize) -> Self {
        Self {
            gate: Arc::clone(gate),
            probe: None,
            limit,
        }
    }

    /// For a probe.
    pub(super) fn for_probe(gate: &Arc<Gate>, probe: Probe) -> Self {
        Self {
            gate: Arc::clone(gate),
            probe: Some(probe),
            limit: 1,
        }
    }

    /// For how many it is.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// A delivery's own part of it; none: there were as many.
    pub(super) fn ticket(&mut self) -> Option<Ticket> {
        self.limit = self.limit.checked_sub(1)?;
        self.gate.claimed();
        Some(Ticket {
            gate: Arc::clone(&self.gate),
            probe: self.probe.take(),
            has_begun: false,
        })
    }
}

impl Drop for Pass {
    /// Nothing was found for the probe.
    fn drop(&mut self) {
        if let Some(probe) = self.probe {
            self.gate.probe_is_off(probe);
        }
    }
}

/// Leave for one try. As long as a probe's is held, there is no other.
#[derive(Debug)]
pub(super) struct Ticket {
    gate: Arc<Gate>,
    probe: Option<Probe>,
    has_begun: bool,
}

impl Ticket {
    /// The probe it is for; none where it is for no probe.
    pub(super) fn probe(&self) -> Option<Probe> {
        self.probe
    }

    /// Whether it is for one.
    pub(super) fn is_probe(&self) -> bool {
        self.probe.is_some()
    }

    /// The try begins, unless the gate has shut since. Says whether it does.
    pub(super) fn begin(&mut self, now: Timestamp) -> bool {
        self.has_begun = self.gate.begin(self.probe, now);
        self.has_begun
    }
}

impl Drop for Ticket {
    /// Whatever became of the try, the next may follow. Where a probe was answered or has failed,
    /// the breaker knows that already.
    fn drop(&mut self) {
        if !self.has_begun {
            self.gate.gave_back();
        }
        if let Some(probe) = self.probe {
            self.gate.probe_is_off(probe);
        }
    }
}
