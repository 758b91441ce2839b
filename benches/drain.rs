//! How fast what is owed is delivered: `cargo bench --bench drain -- [EVENTS] [CONCURRENCY] [RUN]`.
//!
//! Three runs (`http`, `file`, `both`) over loopback and a temporary folder, each on a store of its own: a backlog to an
//! HTTP sink, the same to a file sink, and an HTTP sink while 64 senders keep storing more. The
//! store syncs every commit, as it does in service. Sender and receiver share the machine.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench talks to whoever runs it, and has nobody to hand an error to"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use rustix::param::clock_ticks_per_second;
use serde_json::Value;
use serde_json::json;
use tidings::canonical::Document;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::dispatch::BreakerPolicy;
use tidings::dispatch::Dispatcher;
use tidings::dispatch::RetryPolicy;
use tidings::dispatch::SinkSettings;
use tidings::dispatch::Superseded;
use tidings::event::EventId;
use tidings::event::Facts;
use tidings::event::NewEvent;
use tidings::event::Origin;
use tidings::name::EndpointName;
use tidings::name::SinkName;
use tidings::routing::Filter;
use tidings::routing::Route;
use tidings::routing::Routes;
use tidings::shutdown::Shutdown;
use tidings::sinks::Reach;
use tidings::sinks::SinkKind;
use tidings::sinks::Tools;
use tidings::store;
use tidings::store::Append;
use tidings::store::OpenOptions;
use tidings::store::Store;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// How many senders store at once.
const SENDERS: usize = 64;

fn main() {
    // `cargo bench` adds a flag of its own.
    let mut given = std::env::args().skip(1).filter(|one| !one.starts_with('-'));
    let mut number = |default| given.next().map_or(default, |text| text.parse().unwrap());
    let (events, concurrency) = (number(50_000), number(32));
    let only = given.next();
    let wanted = |run: &str| only.as_deref().is_none_or(|only| only == run);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        println!("{events} events, {concurrency} under way at once");
        if wanted("http") {
            backlog("backlog to http", events, concurrency, http().await).await;
        }
        if wanted("file") {
            let folder = tempfile::tempdir().unwrap();
            backlog("backlog to file", events, concurrency, file(folder.path())).await;
        }
        if wanted("both") {
            both("stored and delivered", events, concurrency, http().await).await;
        }
    });
}

/// Stores everything, then delivers it.
async fn backlog(what: &str, events: usize, concurrency: usize, sink: Value) {
    let bench = Bench::new(concurrency, sink).await;
    bench.store_events(events).await;
    let began = Moment::now();
    let delivering = bench.start();
    bench.delivered(events).await;
    began.report(what, events);
    delivering.stop().await;
}

/// Stores and delivers at the same time.
async fn both(what: &str, events: usize, concurrency: usize, sink: Value) {
    let bench = Bench::new(concurrency, sink).await;
    let delivering = bench.start();
    let began = Moment::now();
    bench.store_events(events).await;
    began.report("stored", events);
    bench.delivered(events).await;
    began.report(what, events);
    delivering.stop().await;
}

/// When something began, and how much of the processors' time we had taken by then.
struct Moment {
    at: Instant,
    ticks: u64,
}

impl Moment {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            ticks: ticks(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    fn report(&self, what: &str, events: usize) {
        let seconds = self.at.elapsed().as_secs_f64();
        let events = events as f64;
        let rate = events / seconds;
        let spent = (ticks() - self.ticks) as f64 / clock_ticks_per_second() as f64;
        let each = spent * 1e6 / events;
        println!("{what:>24} {rate:>8.0} /s, {each:>4.0} µs of processor each, {seconds:.2} s");
    }
}

/// How much of the processors' time this process has taken, in ticks of the kernel.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name of the program stands in brackets and may hold blanks.
    let (_, numbers) = stat.rsplit_once(')').unwrap();
    let user_and_system = numbers.split_whitespace().skip(11).take(2);
    user_and_system.map(|n| n.parse::<u64>().unwrap()).sum()
}

/// A store with one sink.
struct Bench {
    store: Arc<dyn Store>,
    dispatcher: Arc<Dispatcher>,
    routes: Routes,
    sink: SinkName,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new(concurrency: usize, sink: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tidings.db").display());
        let store = store::open(OpenOptions::new(url)).await.unwrap();
        let name: SinkName = "bench".parse().unwrap();
        store
            .register_sinks(std::slice::from_ref(&name), SystemClock.now())
            .await
            .unwrap();
        let settings = SinkSettings {
            name: name.clone(),
            timeout: Duration::from_secs(10),
            concurrency,
            retry: RetryPolicy::default(),
            breaker: BreakerPolicy::default(),
            rate: None,
            batch: None,
            superseded: Superseded::default(),
            only_received: false,
            task_filter: None,
        };
        let kind: SinkKind = serde_json::from_value(sink).unwrap();
        let tools = Tools {
            concurrency,
            timeout: settings.timeout,
            reach: Reach {
                allow_private: true,
                ..Reach::default()
            },
            ..Tools::default()
        };
        let sinks = vec![(settings, kind.build(&tools).unwrap())];
        let route = Route {
            sink: name.clone(),
            filter: Filter::default(),
            ordered: true,
            only_received: false,
            enrich: None,
        };
        Self {
            dispatcher: Arc::new(Dispatcher::new(
                Arc::clone(&store),
                sinks,
                Arc::new(SystemClock),
            )),
            store,
            routes: Routes::new(vec![route]),
            sink: name,
            _folder: folder,
        }
    }

    /// Stores this many events of as many tasks divided by four.
    async fn store_events(&self, events: usize) {
        let next = AtomicUsize::new(0);
        let senders = (0..SENDERS).map(|_| async {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= events {
                    break;
                }
                let event = event(number);
                let owed = self.routes.owed(&event);
                self.store.append(Append { event, owed }).await.unwrap();
            }
        });
        futures_util::future::join_all(senders).await;
    }

    fn start(&self) -> Delivering {
        let (tasks, shutdown) = (TaskTracker::new(), Shutdown::new());
        let (dispatcher, asked) = (Arc::clone(&self.dispatcher), shutdown.clone());
        tasks.spawn(async move {
            dispatcher.run(asked).await;
            dispatcher.drain(Duration::from_secs(5)).await;
        });
        Delivering { tasks, shutdown }
    }

    /// Returns when so many deliveries have been settled.
    async fn delivered(&self, events: usize) {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            let now = SystemClock.now();
            let stats = self.store.sink_stats(&self.sink, now).await.unwrap();
            if stats.delivered_24h >= events as u64 {
                break;
            }
        }
    }
}

/// A dispatcher at work.
struct Delivering {
    tasks: TaskTracker,
    shutdown: Shutdown,
}

impl Delivering {
    async fn stop(self) {
        self.shutdown.request();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn event(number: usize) -> NewEvent {
    let (task, step) = (number / 4, number % 4);
    let body = format!(
        r#"{{"type":"agent.task.status_update","timestamp":"2025-05-25T09:22:22.269116+00:00","payload":{{"session_id":"cd9c2e0a-0000-4000-8000-{task:012}","task_id":"5b73a1f4-0000-4000-8000-{task:012}","status":"started","metadata":{{"campaign":"q4-automation","step":"{step}","team":"marketing"}}}}}}"#
    );
    let document = Document::read(body.as_bytes()).unwrap();
    let facts = Facts::read(&document);
    let endpoint = EndpointName::default();
    NewEvent {
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin: Origin::Webhook,
        endpoint,
        received_at: SystemClock.now(),
        facts,
        body: Bytes::from(body),
        signature: None,
    }
}

/// A server that says yes to everything, and the sink that posts to it.
async fn http() -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/", post(|_: Bytes| async {}));
    let server = TaskTracker::new();
    server.spawn(async move { axum::serve(listener, app).await });
    json!({ "http": { "url": format!("http://{address}/") } })
}

fn file(folder: &Path) -> Value {
    json!({ "file": { "path": folder.join("events.jsonl") } })
}
