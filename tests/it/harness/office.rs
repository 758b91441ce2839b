//! A dispatcher between a real store and scripted sinks, with the time in a test's hands.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tempfile::TempDir;
use tidings::clock::Clock;
use tidings::clock::ManualClock;
use tidings::delivery::Attempt;
use tidings::delivery::Delivery;
use tidings::dispatch::BreakerPolicy;
use tidings::dispatch::Dispatcher;
use tidings::dispatch::RetryPolicy;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Step;
use tidings::dispatch::Superseded;
use tidings::event::EventId;
use tidings::name::SinkName;
use tidings::routing::Filter;
use tidings::routing::Route;
use tidings::routing::Routes;
use tidings::shutdown::Shutdown;
use tidings::sinks::Sink;
use tidings::store;
use tidings::store::Append;
use tidings::store::DeliveryFilter;
use tidings::store::OpenOptions;
use tidings::store::Order;
use tidings::store::Slice;
use tidings::store::Store;
use tokio_util::task::TaskTracker;

use super::events;
use super::scripted::Scripted;

/// A dispatcher between a real store and scripted sinks.
pub(crate) struct Office {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    sinks: Vec<(SinkSettings, Arc<dyn Sink>)>,
    routes: Routes,
    _folder: TempDir,
}

/// A dispatcher that runs by itself.
pub(crate) struct Delivering {
    tasks: TaskTracker,
    shutdown: Shutdown,
}

impl Delivering {
    /// Begins to deliver.
    pub(crate) fn begin(dispatcher: Arc<Dispatcher>) -> Self {
        let (tasks, shutdown) = (TaskTracker::new(), Shutdown::new());
        let asked = shutdown.clone();
        tasks.spawn(async move {
            dispatcher.run(asked).await;
            dispatcher.drain(Duration::from_secs(5)).await;
        });
        Self { tasks, shutdown }
    }

    /// Stops it, and returns once it has ended what it had begun.
    pub(crate) async fn stops(self) {
        self.shutdown.request();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// How a sink is served unless a test says otherwise: no jitter, so that waits can be foretold.
pub(crate) fn settings(name: &str) -> SinkSettings {
    SinkSettings {
        name: sink_name(name),
        timeout: Duration::from_secs(10),
        concurrency: 4,
        retry: RetryPolicy {
            jitter: 0.0,
            ..RetryPolicy::default()
        },
        breaker: BreakerPolicy::default(),
        rate: None,
        batch: None,
        superseded: Superseded::default(),
        only_received: false,
        task_filter: None,
    }
}

/// The sink `backend`, given up on so long after its first try.
pub(crate) fn gives_up_after(give_up_after: Duration) -> SinkSettings {
    let patient = settings("backend");
    SinkSettings {
        retry: RetryPolicy {
            give_up_after,
            ..patient.retry
        },
        ..patient
    }
}

pub(crate) fn sink_name(name: &str) -> SinkName {
    name.parse().unwrap()
}

impl Office {
    /// An office with one sink called `backend`.
    pub(crate) async fn with(sink: &Arc<Scripted>) -> Self {
        Self::open(vec![(settings("backend"), Arc::clone(sink))]).await
    }

    /// An office with these sinks, each of which gets everything, in order.
    pub(crate) async fn open(sinks: Vec<(SinkSettings, Arc<Scripted>)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tidings.db").display());
        let store = store::open(OpenOptions::new(url)).await.unwrap();
        let start: Timestamp = "2025-05-25T10:00:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::starting_at(start));

        let names: Vec<SinkName> = sinks.iter().map(|(sink, _)| sink.name.clone()).collect();
        store.register_sinks(&names, clock.now()).await.unwrap();
        let routes = names
            .into_iter()
            .map(|sink| Route {
                sink,
                filter: Filter::default(),
                ordered: true,
                only_received: false,
                enrich: None,
            })
            .collect();
        let sinks: Vec<(SinkSettings, Arc<dyn Sink>)> = sinks
            .into_iter()
            .map(|(settings, sink)| (settings, sink as Arc<dyn Sink>))
            .collect();
        Self {
            dispatcher: Arc::new(Dispatcher::new(
                Arc::clone(&store),
                sinks.clone(),
                Arc::clone(&clock) as Arc<dyn Clock>,
            )),
            store,
            clock,
            sinks,
            routes: Routes::new(routes),
            _folder: folder,
        }
    }

    /// The present moment, by the test.
    pub(crate) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Another dispatcher on the same store and the same sinks.
    pub(crate) fn second_dispatcher(&self) -> Dispatcher {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Dispatcher::new(Arc::clone(&self.store), self.sinks.clone(), clock)
    }

    /// Lets the dispatcher run by itself.
    pub(crate) fn runs(&self) -> Delivering {
        Delivering::begin(Arc::clone(&self.dispatcher))
    }

    /// The task reports for the `n`-th time.
    pub(crate) async fn hears(&self, task: &str, n: usize) -> EventId {
        self.hears_status(task, n, "started").await
    }

    /// The task reports for the `n`-th time, and has this status.
    pub(crate) async fn hears_status(&self, task: &str, n: usize, status: &str) -> EventId {
        self.hears_body(&events::told(task, n, status)).await
    }

    /// An event with this body comes.
    pub(crate) async fn hears_body(&self, body: &str) -> EventId {
        let event = events::new_event(body, self.clock.now());
        let id = event.id;
        let owed = self.routes.owed(&event);
        self.store.append(Append { event, owed }).await.unwrap();
        id
    }

    /// Delivers until nothing more is due.
    pub(crate) async fn delivers(&self) {
        while self.dispatcher.step().await.unwrap() == Step::Worked {
            self.dispatcher.settled().await;
        }
    }

    /// Lets this time pass, and delivers what is due then.
    pub(crate) async fn delivers_after(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.delivers().await;
    }

    /// The deliveries that a filter lets through, oldest first.
    pub(crate) async fn find(&self, filter: &DeliveryFilter) -> Vec<Delivery> {
        let slice = Slice {
            order: Order::Ascending,
            after: None,
            limit: 200,
        };
        self.store.deliveries(filter, slice).await.unwrap().items
    }

    /// The deliveries of an event, oldest first, with their attempts.
    pub(crate) async fn deliveries(&self, event: EventId) -> Vec<(Delivery, Vec<Attempt>)> {
        let filter = DeliveryFilter {
            event: Some(event),
            ..DeliveryFilter::default()
        };
        let mut found = Vec::new();
        for delivery in self.find(&filter).await {
            found.push(self.store.delivery(delivery.id).await.unwrap().unwrap());
        }
        found
    }

    /// The only delivery of an event.
    pub(crate) async fn delivery(&self, event: EventId) -> (Delivery, Vec<Attempt>) {
        let mut found = self.deliveries(event).await;
        assert_eq!(found.len(), 1);
        found.remove(0)
    }
}
