//! Counts answers and how long they took.

use std::time::Duration;
use std::time::Instant;

use hdrhistogram::Histogram;

use super::Outcome;

/// What takes longer counts as this: ten minutes, in microseconds.
const LONGEST: u64 = 600_000_000;

/// What one run counts.
#[derive(Debug)]
pub(super) struct Tally {
    /// Microseconds, of what was answered in the measured part.
    latencies: Histogram<u64>,
    measured_from: Instant,
    last: Instant,
    acknowledged: u64,
    failed: u64,
    body_bytes: u64,
}

impl Tally {
    /// Latencies count from `measured_from` on.
    pub(super) fn new(measured_from: Instant) -> anyhow::Result<Self> {
        Ok(Self {
            latencies: Histogram::new_with_bounds(1, LONGEST, 3)?,
            measured_from,
            last: measured_from,
            acknowledged: 0,
            failed: 0,
            body_bytes: 0,
        })
    }

    /// Counts one answer.
    pub(super) fn count(&mut self, began: Instant, is_ok: bool, body_length: u64) {
        if !is_ok {
            self.failed += 1;
            return;
        }
        self.acknowledged += 1;
        self.body_bytes += body_length;
        let now = Instant::now();
        if now >= self.measured_from {
            self.last = now;
            self.latencies.saturating_record(micros(now - began));
        }
    }

    /// What it comes to.
    #[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
    pub(super) fn outcome(&self) -> Outcome {
        let seconds = (self.last - self.measured_from).as_secs_f64();
        let millis = |micros: u64| micros as f64 / 1_000.0;
        Outcome {
            rate: self.latencies.len() as f64 / seconds,
            p50: millis(self.latencies.value_at_quantile(0.50)),
            p99: millis(self.latencies.value_at_quantile(0.99)),
            max: millis(self.latencies.max()),
            acknowledged: self.acknowledged,
            failed: self.failed,
            body_bytes: self.body_bytes,
        }
    }
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}
