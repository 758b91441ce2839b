//! How a sink fares.

use jiff::Timestamp;

/// How a sink fares.
#[derive(Clone, Debug, Default)]
pub struct SinkStats {
    /// Due now or later, leased ones included. Counted up to [`SinkStats::COUNT_LIMIT`].
    pub pending: u64,
    /// Behind an earlier one. Counted up to [`SinkStats::COUNT_LIMIT`].
    pub waiting: u64,
    /// Given up or refused. Counted up to [`SinkStats::COUNT_LIMIT`].
    pub dead: u64,
    /// When the oldest that is pending was due.
    pub oldest_due_at: Option<Timestamp>,
    /// Deliveries that succeeded in the last 24 hours.
    pub delivered_24h: u64,
    /// Attempts that failed in the last 24 hours.
    pub failed_24h: u64,
    /// Of the latest attempts, nineteen in twenty took at most so long, in milliseconds.
    pub p95_ms: Option<u64>,
    /// The latest error, in a line.
    pub last_error: Option<String>,
}

impl SinkStats {
    /// Where counting stops, so that asking costs the same at a million as at a thousand.
    pub const COUNT_LIMIT: u64 = 10_000;
}
