//! The whole receiver in this process: a real configuration, a real database in a folder of its
//! own, a free port, and a clock held by hand.

use std::fmt::Write as _;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tempfile::TempDir;
use tidings::clock::Clock as _;
use tidings::clock::ManualClock;
use tidings::config::Config;
use tidings::config::Mode;
use tidings::delivery::Delivery;
use tidings::dispatch::Step;
use tidings::replays;
use tidings::shutdown::Shutdown;
use tidings::store::DeliveryFilter;
use tidings::store::EventRecord;
use tidings::store::Order;
use tidings::store::Slice;
use tidings::store::Store;
use tidings::tasks::reconcile::Found;

use super::caller::Caller;
use super::cloud::Cloud;
use super::home::TOKEN;
use super::log::Log;
use super::running::Running;
use super::sink::FakeSink;

/// When these tests play.
const START: &str = "2026-05-25T09:00:00Z";

/// A receiver under a test's hands. It receives by itself; it delivers when it is told to.
#[derive(Debug)]
pub(crate) struct Receiver {
    /// What time it is, for the receiver and for the cloud.
    pub(crate) clock: Arc<ManualClock>,
    /// Signs and posts to this receiver.
    pub(crate) cloud: Cloud,
    /// The user's system, known to the receiver as the sink `backend`.
    pub(crate) sink: FakeSink,
    /// What it said.
    pub(crate) log: Log,
    folder: TempDir,
    config: String,
    change: fn(&mut Config),
    running: Running,
}

impl Receiver {
    /// A receiver with one HTTP sink.
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// The same, with more at the end of its configuration: keys of the sink, or another sink.
    pub(crate) async fn with(more: &str) -> Self {
        Self::build(more, |_| {}, clock()).await
    }

    /// The same, living by a clock that others have, too.
    pub(crate) async fn living_by(clock: &Arc<ManualClock>, more: &str) -> Self {
        Self::build(more, |_| {}, Arc::clone(clock)).await
    }

    /// The same, with its configuration changed once it is read.
    pub(crate) async fn changed(
        clock: &Arc<ManualClock>,
        more: &str,
        change: fn(&mut Config),
    ) -> Self {
        Self::build(more, change, Arc::clone(clock)).await
    }

    /// From the next start on its configuration is changed so.
    pub(crate) fn change(&mut self, change: fn(&mut Config)) {
        self.change = change;
    }

    /// The same, asking the Cloud API instead of waiting for webhooks.
    pub(crate) async fn polling(clock: &Arc<ManualClock>, more: &str) -> Self {
        let polls = |config: &mut Config| config.mode = Mode::Poll;
        Self::build(more, polls, Arc::clone(clock)).await
    }

    /// The same, with its configuration changed once it is read.
    pub(crate) async fn configured(change: fn(&mut Config)) -> Self {
        Self::build("", change, clock()).await
    }

    async fn build(more: &str, change: fn(&mut Config), clock: Arc<ManualClock>) -> Self {
        let log = Log::listen();
        let sink = FakeSink::start().await;
        let folder = TempDir::new().expect("there is a place for temporary folders");
        let config = format!(
            r#"
            [server]
            listen = "127.0.0.1:0"

            [store]
            url = "sqlite:{}"

            [[sink]]
            name = "backend"
            type = "http"
            url = "{}"
            allow_private = true
            retry = {{ jitter = 0 }}
            {more}
            "#,
            folder.path().join("tidings.db").display(),
            sink.url(),
        );
        let running = Running::start(&config, change, &clock).await;
        Self {
            cloud: Cloud::posting_to(&running.url, Arc::clone(&clock) as _),
            clock,
            sink,
            log,
            folder,
            config,
            change,
            running,
        }
    }

    /// Where webhooks are posted to.
    pub(crate) fn webhook(&self) -> &str {
        &self.running.url
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// An administrator who calls it.
    pub(crate) fn caller(&self) -> Caller {
        Caller::of(&format!("http://{}", self.address()), TOKEN)
    }

    /// Hears from its cloud, and believes, that a task has a status. Returns the event's id.
    pub(crate) async fn hears(&self, task: &str, status: &str) -> String {
        self.cloud.reports(task, status).await.accepted()
    }

    /// Everything that it keeps.
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.running.store
    }

    /// Waits until so many refused requests are written down: that happens beside their answers.
    pub(crate) async fn has_rejections(&self, count: usize) {
        let slice = Slice {
            order: Order::Ascending,
            after: None,
            limit: count + 1,
        };
        loop {
            let page = self.store().rejections(slice).await;
            let written = page.expect("the store answers").items.len();
            assert!(written <= count, "{written} rejections are written");
            if written == count {
                return;
            }
        }
    }

    /// Waits until what is known of tasks has followed the log to its end.
    pub(crate) async fn follow_all(&self) {
        while !self
            .store()
            .follow(100)
            .await
            .expect("the store answers")
            .caught_up
        {}
    }

    /// Waits until so many wait for tasks.
    pub(crate) async fn has_waiters(&self, count: usize) {
        while self.running.news.waiting() != count {
            tokio::task::yield_now().await;
        }
    }

    /// Stops it, and starts it again on the same database.
    pub(crate) async fn restart(self) -> Self {
        self.down_while(async {}).await
    }

    /// Stops it, and starts it again on the same database once something is over.
    pub(crate) async fn down_while(self, meanwhile: impl Future<Output = ()>) -> Self {
        self.running.stop().await;
        meanwhile.await;
        let running = Running::start(&self.config, self.change, &self.clock).await;
        Self {
            cloud: self.cloud.at(&running.url),
            running,
            ..self
        }
    }

    /// Stops it, and holds that nothing is left half done and nothing unexpected was logged.
    pub(crate) async fn stop_cleanly(self) {
        let leased = self.count("leased").await;
        assert_eq!(leased, 0, "deliveries are in nobody's hands");
        self.running.stop().await;
        self.log.is_as_expected();
        drop(self.folder);
    }

    /// Looks at the Cloud API once.
    pub(crate) async fn looks(&self) -> Found {
        let reconciler = self.running.reconciler.as_ref();
        let looked = reconciler.expect("it has a key").look().await;
        self.follow_all().await;
        looked.expect("the Cloud API answers")
    }

    /// Watches over its tasks once, and says how many events that brought.
    pub(crate) async fn watches(&self) -> usize {
        let watcher = self.running.watcher.as_ref();
        let told = watcher.expect("it watches").watch().await;
        told.expect("the store answers")
    }

    /// Keeps the files of all tasks whose time has come.
    pub(crate) async fn captures(&self) {
        let capturer = self.running.capturer.as_ref();
        let step = capturer.expect("it has a folder").step().await;
        step.expect("the store answers");
    }

    /// Looks up once what the sink wants to know of tasks, and delivers what is due then.
    pub(crate) async fn enrich_and_dispatch(&self) {
        let enricher = self.running.enricher.as_ref();
        let enricher = enricher.expect("a sink has `enrich`");
        enricher.step().await.expect("the store answers");
        self.dispatch_all().await;
    }

    /// Delivers all that is due, and waits until it is settled.
    pub(crate) async fn dispatch_all(&self) {
        let dispatcher = &self.running.dispatcher;
        dispatcher.settled().await;
        while dispatcher.step().await.expect("the store answers") == Step::Worked {
            dispatcher.settled().await;
        }
    }

    /// Owes what replays have room for now, and delivers nothing of it.
    pub(crate) async fn owes_replays(&self) -> replays::Step {
        let stepped = self.running.replayer.step().await;
        stepped.expect("the store answers")
    }

    /// Carries replays through as far as they get without anybody moving the clock.
    pub(crate) async fn replay_all(&self) {
        self.dispatch_all().await;
        while self.owes_replays().await == replays::Step::Worked {
            self.dispatch_all().await;
        }
    }

    /// Delivers as a server does, until something has happened.
    pub(crate) async fn dispatch_until(&self, happened: impl Future<Output = ()>) {
        let enough = Shutdown::new();
        let waiting = async {
            happened.await;
            enough.request();
        };
        let enriching = async {
            if let Some(enricher) = &self.running.enricher {
                enricher.run(enough.clone()).await;
            }
        };
        let delivering = self.running.dispatcher.run(enough.clone());
        tokio::join!(delivering, enriching, waiting);
    }

    /// How its deliveries stand, a line each, oldest first.
    pub(crate) async fn deliveries(&self) -> String {
        let all = self.find_deliveries(DeliveryFilter::default()).await;
        let lines: Vec<String> = all.iter().map(|one| self.told(one)).collect();
        lines.join("\n")
    }

    /// The event with this id.
    pub(crate) async fn event(&self, id: &str) -> Option<EventRecord> {
        let id = id.parse().expect("an id");
        let found = self.running.store.event(id).await;
        found.expect("the store answers")
    }

    /// Owes an event to the sink once more.
    pub(crate) async fn replay(&self, id: &str) {
        let id = id.parse().expect("an id");
        let sinks = ["backend".parse().expect("a name")];
        let replayed = self
            .running
            .store
            .replay(id, &sinks, self.clock.now())
            .await;
        assert_eq!(
            replayed.expect("the store answers").map(|owed| owed.len()),
            Some(1)
        );
    }

    async fn count(&self, state: &str) -> usize {
        let states = vec![state.parse().expect("a state")];
        let filter = DeliveryFilter {
            states,
            ..DeliveryFilter::default()
        };
        self.find_deliveries(filter).await.len()
    }

    async fn find_deliveries(&self, filter: DeliveryFilter) -> Vec<Delivery> {
        let slice = Slice {
            order: Order::Ascending,
            after: None,
            limit: 100,
        };
        let page = self.running.store.deliveries(&filter, slice).await;
        page.expect("the store answers").items
    }

    /// A delivery as a person would tell it.
    fn told(&self, delivery: &Delivery) -> String {
        let mut told = format!("{}: {}", delivery.sink, delivery.state);
        match delivery.attempts {
            0 => Ok(()),
            1 => write!(told, " after 1 attempt"),
            more => write!(told, " after {more} attempts"),
        }
        .expect("a string takes everything");
        if let Some(at) = delivery.next_attempt_at {
            let wait = at.duration_since(self.clock.now()).as_secs();
            write!(told, ", next in {wait} s").expect("a string takes everything");
        }
        if let Some(reason) = &delivery.reason {
            write!(told, " ({reason})").expect("a string takes everything");
        }
        told
    }
}

/// A clock held by hand.
fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::starting_at(START.parse().expect("a time")))
}
