//! The loop: look, then wait until looking again may find something.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval_at;
use tokio::time::sleep;
use tracing::error;
use tracing::warn;

use super::Dispatcher;
use super::alarm::Next;
use crate::causes::with_causes;
use crate::name::SinkName;
use crate::shutdown::Shutdown;
use crate::store::StoreError;

/// How often lanes without a head are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// How long to wait before a failing store is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// The shortest wait for what is due by the clock. What the store calls due and does not hand out
/// would have us run in circles.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);

impl Dispatcher {
    /// Delivers whenever something is due, until told to stop. What has begun then is
    /// [`Dispatcher::drain`]'s.
    pub async fn run(&self, shutdown: Shutdown) {
        // Subscribed before the first look: what is committed after it is heard.
        let mut committed = self.store.committed();
        let mut standings = self.store.standings();
        let mut sweep = interval_at(Instant::now() + SWEEP_EVERY, SWEEP_EVERY);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);

        while !shutdown.is_requested() {
            let wait = match self.look().await {
                Ok(wait) => wait,
                Err(error) => {
                    self.rest_after(&error, &shutdown).await;
                    continue;
                }
            };
            tokio::select! {
                () = shutdown.requested() => {}
                // Something was stored that may be due.
                Ok(()) = committed.changed() => {}
                // Somebody paused a sink, or resumed one.
                Ok(()) = standings.changed() => self.alarm.forget(),
                // A try ended, or half a line has gone.
                () = self.alarm.rung() => {}
                () = sleep(wait) => {}
                _ = sweep.tick() => self.sweep().await,
            }
        }
    }

    /// Takes a step, and says how long to wait if nothing rings.
    async fn look(&self) -> Result<Duration, StoreError> {
        self.step().await?;
        let next = match self.alarm.next(self.clock.now()) {
            Next::Unknown => self.ask_for_next().await?,
            known => known,
        };
        Ok(match next {
            Next::At(at) => at
                .duration_since(self.clock.now())
                .try_into()
                .unwrap_or_default(),
            Next::Unknown => Duration::ZERO,
            Next::Never => SWEEP_EVERY,
        }
        .max(SHORTEST_WAIT))
    }

    /// Sets the alarm by the store. Sinks without room and those that are not tried are not asked
    /// for: what is due there waits for room, or for the gate, and both ring.
    async fn ask_for_next(&self) -> Result<Next, StoreError> {
        let now = self.clock.now();
        self.alarm.clear();
        for desk in &self.desks {
            if let Some(at) = desk.gate.opens_at(now) {
                self.alarm.set(at);
            }
        }
        let mut at_once = Vec::new();
        for desk in self.desks.iter().filter(|desk| desk.has_room(now)) {
            let name = desk.settings.name.clone();
            match desk.batch() {
                None => at_once.push(name),
                Some(batch) => self.wake_for(&[name], batch.wait).await?,
            }
        }
        if !at_once.is_empty() {
            self.wake_for(&at_once, Duration::ZERO).await?;
        }
        Ok(self.alarm.next(self.clock.now()))
    }

    /// Sets the alarm to when what these sinks are owed next has been due for so long.
    async fn wake_for(&self, sinks: &[SinkName], wait: Duration) -> Result<(), StoreError> {
        let due = self.store.next_due(sinks).await;
        if let Some(at) = due.inspect_err(|_| self.alarm.forget())? {
            self.alarm
                .set(at.saturating_add(wait).unwrap_or(Timestamp::MAX));
        }
        Ok(())
    }

    /// The safety net: lanes that lost their head get a new one, and the next time is asked for
    /// anew, because another process may have changed it.
    async fn sweep(&self) {
        match self.store.sweep(self.clock.now()).await {
            Ok(0) => {}
            Ok(lanes) => warn!(
                lane.count = lanes,
                "Some tasks' deliveries had stopped; they go on"
            ),
            Err(error) => error!(error = %with_causes(&error), "The deliveries could not be swept"),
        }
        self.alarm.forget();
    }

    async fn rest_after(&self, error: &StoreError, shutdown: &Shutdown) {
        error!(error = %with_causes(error), "The deliveries cannot be read; looking again in a second");
        tokio::select! {
            () = shutdown.requested() => {}
            () = sleep(STORE_PAUSE) => {}
        }
    }
}
