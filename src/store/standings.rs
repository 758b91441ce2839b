//! How sinks stand: served, paused by somebody, or left alone by their breaker.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::StoreError;
use crate::name::SinkName;

/// How a sink stands, whatever it is owed. By default it is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when somebody has it paused.
    pub paused_at: Option<Timestamp>,
    /// Its breaker, while that is open.
    pub open: Option<OpenBreaker>,
}

impl Standing {
    /// Whether what it is owed loses no patience: it is not tried, or only by probes.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.paused_at.is_some() || self.open.is_some()
    }
}

/// The breaker of a sink that failed again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenBreaker {
    /// Since when it is open.
    pub since: Timestamp,
    /// When the sink is tried next.
    pub probe_at: Timestamp,
}

/// Every sink that does not stand as most do.
pub type Standings = BTreeMap<SinkName, Standing>;

/// How sinks stand. It is kept: a sink that was paused stays so after a restart.
#[async_trait]
pub trait SinkBook: std::fmt::Debug + Send + Sync {
    /// How they stand, now and whenever it changes.
    fn standings(&self) -> watch::Receiver<Arc<Standings>>;

    /// Leaves a sink alone until it is resumed; what it is owed stays owed. False: no sink of this
    /// name was ever registered.
    async fn pause(&self, sink: &SinkName, now: Timestamp) -> Result<bool, StoreError>;

    /// Serves a sink again that was paused. False: no sink of this name was ever registered.
    async fn resume(&self, sink: &SinkName, now: Timestamp) -> Result<bool, StoreError>;

    /// Notes how a sink's breaker stands. Once it closes, what was put off after failures is due,
    /// a thousand deliveries at most.
    async fn note_breaker(
        &self,
        sink: &SinkName,
        open: Option<OpenBreaker>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
