//! What is owed gets delivered.
//!
//! ```text
//! store ──claim──▶ line ──▶ connection ──▶ sink
//!   ▲            (leased)                   │
//!   └───────────────settle──────────────────┘
//! ```
//!
//! A gate in front of each sink says whether it is tried now: not while somebody has it paused, only
//! by probes while it fails again and again, and never faster than its rate.
//! Claims are made in groups, for all sinks with room at once. Each lease then goes its own way, in
//! a task of its own, and its result joins those of others in the store's next turn. To a sink that
//! likes batches, what was claimed for it goes together.

mod alarm;

mod attempt;

mod backoff;

mod batch;

mod breaker;

mod conclusion;

mod desk;

mod gate;

mod line;

mod pace;

mod pass;

mod report;

mod run;

mod screen;

mod wish;

mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;
use tracing::warn;

use self::alarm::Alarm;
pub use self::backoff::RetryPolicy;
pub use self::batch::BatchPolicy;
pub use self::breaker::BreakerPolicy;
use self::desk::Desk;
pub use self::desk::SinkSettings;
use self::gate::Gate;
use self::line::DEPTH;
pub use self::screen::Superseded;
use self::wish::Wish;
use self::worker::Worker;
use crate::clock::Clock;
use crate::name::SinkName;
use crate::sinks::Sink;
use crate::store::Store;
use crate::store::StoreError;

/// What a lease lasts beyond the time that its delivery can take: for the disk, and for a machine
/// that was asleep.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// What is kept of the grace at shutdown for giving back what takes too long.
const GIVE_BACK_TIME: Duration = Duration::from_secs(1);

/// Whether a step found something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Tries were begun.
    Worked,
    /// Nothing is due that there is room for.
    Idle,
}

/// Delivers what is owed.
#[derive(Debug)]
pub struct Dispatcher {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    alarm: Arc<Alarm>,
    desks: Vec<Arc<Desk>>,
    worker: Arc<Worker>,
    tasks: TaskTracker,
}

impl Dispatcher {
    /// A dispatcher for these sinks. What other sinks are owed stays owed.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        sinks: Vec<(SinkSettings, Arc<dyn Sink>)>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let alarm = Arc::new(Alarm::new());
        let lease = lease_length(sinks.iter().map(|(settings, _)| settings.timeout));
        let desks = sinks
            .into_iter()
            .map(|(settings, sink)| {
                let gate = Gate::new(&settings, store.standings(), clock.now());
                Arc::new(Desk::new(settings, sink, gate, Arc::clone(&alarm)))
            })
            .collect();
        let worker = Worker {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            alarm: Arc::clone(&alarm),
            hurry: CancellationToken::new(),
            lease,
        };
        Self {
            store,
            clock,
            alarm,
            desks,
            worker: Arc::new(worker),
            tasks: TaskTracker::new(),
        }
    }

    /// Claims what is due, as much as there is room for, and begins to deliver it. Tests call this
    /// in place of [`Dispatcher::run`].
    pub async fn step(&self) -> Result<Step, StoreError> {
        self.note_breakers().await?;
        let now = self.clock.now();
        // Places first: a lease without a place would run out in nobody's hands.
        let mut wishes: BTreeMap<&SinkName, Wish<'_>> = self
            .desks
            .iter()
            .filter_map(|desk| Some((&desk.settings.name, Wish::of(desk, now)?)))
            .collect();
        if wishes.is_empty() {
            return Ok(Step::Idle);
        }
        let rooms = wishes.values().map(Wish::room).collect();

        for lease in self.store.claim(rooms, now, self.worker.lease).await? {
            // The store leases nothing that it was not asked for; if it did, the lease would run out.
            if let Some(wish) = wishes.get_mut(&lease.sink) {
                wish.leases.push(lease);
            }
        }
        let begun: usize = wishes.into_values().map(|wish| self.begin(wish)).sum();
        Ok(if begun > 0 { Step::Worked } else { Step::Idle })
    }

    /// Begins to deliver what was leased for a sink, and says how many are at it.
    fn begin(&self, mut wish: Wish<'_>) -> usize {
        if wish.desk.batch().is_some() {
            // What is due and was not leased waits for company: nobody rings when its time comes.
            self.alarm.forget();
            if wish.is_full() {
                self.alarm.ring();
            }
        }
        let mut begun = 0;
        for loads in wish.work() {
            let Some((place, ticket)) = wish.next() else {
                break;
            };
            let (worker, desk) = (Arc::clone(&self.worker), Arc::clone(wish.desk));
            self.tasks.spawn(worker.handle(desk, place, ticket, loads));
            begun += 1;
        }
        begun
    }

    /// Has the store keep how breakers stand, where it knows them otherwise.
    async fn note_breakers(&self) -> Result<(), StoreError> {
        for desk in &self.desks {
            let open = desk.gate.open();
            if open != desk.gate.known_open() {
                let (sink, now) = (&desk.settings.name, self.clock.now());
                self.store.note_breaker(sink, open, now).await?;
            }
        }
        Ok(())
    }

    /// Returns once every try that was begun has ended and its result is stored.
    pub async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// Ends within `grace`: what is on its way is finished, and given back when it takes too long;
    /// what stands in line is given back at once. Nothing can be begun afterwards.
    pub async fn drain(&self, grace: Duration) {
        for desk in &self.desks {
            desk.close();
        }
        self.tasks.close();
        let reserve = GIVE_BACK_TIME.min(grace / 4);
        if timeout(grace.saturating_sub(reserve), self.tasks.wait())
            .await
            .is_ok()
        {
            return;
        }
        info!(
            delivery.count = self.tasks.len(),
            "Giving back what is still being delivered"
        );
        self.worker.hurry.cancel();
        if timeout(reserve, self.tasks.wait()).await.is_err() {
            warn!(
                delivery.count = self.tasks.len(),
                "Not everything could be given back in time; it is delivered again"
            );
        }
    }
}

/// How long leases last: as long as a delivery may stand in line, and one time-out for its own try.
fn lease_length(timeouts: impl Iterator<Item = Duration>) -> SignedDuration {
    let longest = timeouts.max().unwrap_or_default();
    let length = longest
        .saturating_mul(DEPTH + 1)
        .saturating_add(LEASE_MARGIN);
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}
