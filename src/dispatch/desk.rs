//! One sink, as the dispatcher sees it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;

use super::alarm::Alarm;
use super::backoff::RetryPolicy;
use super::batch::BatchPolicy;
use super::breaker::BreakerPolicy;
use super::gate::Gate;
use super::line::DEPTH;
use super::line::Line;
use super::screen::Screen;
use super::screen::Superseded;
use crate::name::SinkName;
use crate::rate::Rate;
use crate::routing::TaskFilter;
use crate::sinks::Sink;
use crate::sinks::TakesBatches;

/// How a sink is served.
#[derive(Clone, Debug)]
pub struct SinkSettings {
    /// Its name.
    pub name: SinkName,
    /// How long one try may take.
    pub timeout: Duration,
    /// How many tries may be under way at once: at least 1.
    pub concurrency: usize,
    /// What happens after a failure.
    pub retry: RetryPolicy,
    /// When it is left alone.
    pub breaker: BreakerPolicy,
    /// How many tries may begin in a stretch of time; none: as many as there are.
    pub rate: Option<Rate>,
    /// How it takes several deliveries at once, if it can; none: one at a time.
    pub batch: Option<BatchPolicy>,
    /// What becomes of a status that was overtaken before it could be sent.
    pub superseded: Superseded,
    /// Whether it takes only what came by webhook.
    pub only_received: bool,
    /// Which news of an end it takes, by the task that is sent with it; none: all.
    pub task_filter: Option<TaskFilter>,
}

impl SinkSettings {
    /// How many deliveries may be under way at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        let together = self.batch.map_or(1, |batch| batch.max.get());
        self.concurrency.saturating_mul(together)
    }
}

/// One sink, with what is under way to it. Each has a line and connections of its own, so none
/// can hold up another.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: SinkSettings,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) gate: Arc<Gate>,
    pub(super) screen: Screen,
    pub(super) line: Arc<Line>,
    connections: Semaphore,
}

impl Desk {
    /// A desk with nothing under way.
    pub(super) fn new(
        settings: SinkSettings,
        sink: Arc<dyn Sink>,
        gate: Arc<Gate>,
        alarm: Arc<Alarm>,
    ) -> Self {
        let concurrency = settings.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let line = if settings.rate.is_some() || settings.batch.is_some() {
            // What is claimed begins at once: in line, it would only be kept from others, or from
            // more company.
            Line::new(concurrency, 1, alarm)
        } else {
            let places = concurrency.saturating_mul(DEPTH as usize);
            Line::new(places, places.div_ceil(2), alarm)
        };
        Self {
            line: Arc::new(line),
            connections: Semaphore::new(concurrency),
            screen: Screen::of(&settings, Arc::clone(&sink)),
            settings,
            sink,
            gate,
        }
    }

    /// Whether its tries are counted against a rate.
    pub(super) fn is_paced(&self) -> bool {
        self.settings.rate.is_some()
    }

    /// How several deliveries go to it together; none: it takes one at a time.
    pub(super) fn batch(&self) -> Option<&BatchPolicy> {
        self.settings.batch.as_ref()
    }

    /// Itself, if it takes several deliveries at once.
    pub(super) fn batching(&self) -> Option<&dyn TakesBatches> {
        self.batch().and_then(|_| self.sink.as_batching())
    }

    /// Whether a place is kept by who has a connection, because there are no more of these than of
    /// those.
    pub(super) fn keeps_places(&self) -> bool {
        self.is_paced() || self.batch().is_some()
    }

    /// Whether a claim for it would be of use.
    pub(super) fn has_room(&self, now: Timestamp) -> bool {
        self.gate.is_open(now) && self.line.is_open()
    }

    /// Waits for a free connection, first come, first served. None: the desk has closed.
    pub(super) async fn connection(&self) -> Option<SemaphorePermit<'_>> {
        self.connections.acquire().await.ok()
    }

    /// Lets nobody begin any more. What has begun goes on.
    pub(super) fn close(&self) {
        self.connections.close();
    }
}
