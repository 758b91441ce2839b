//! What the store can do: `cargo bench --bench store`.
//!
//! Rates depend on the machine and its disk; the ratios should not. The first table holds the
//! promise of `docs/delivery.md` that claiming stays as quick with 100,000 waiting as with 1,000.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints figures, and has nobody to hand an error to"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;
use tidings::canonical::Document;
use tidings::delivery::Lease;
use tidings::delivery::Settle;
use tidings::delivery::Settlement;
use tidings::event::EventId;
use tidings::event::Facts;
use tidings::event::NewEvent;
use tidings::event::Origin;
use tidings::name::EndpointName;
use tidings::name::SinkName;
use tidings::routing::Lane;
use tidings::routing::Owed;
use tidings::store::Append;
use tidings::store::OpenOptions;
use tidings::store::Room;
use tidings::store::Store;
use tidings::store::open;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 300;
const APPENDING: Duration = Duration::from_secs(5);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // The part to run, by its name; both without one. (Cargo itself adds `--bench`.)
    let asked = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = |part| asked.as_deref().is_none_or(|asked| asked == part);
    runtime.block_on(async {
        if wanted("claims") {
            println!("claiming, and settling one: microseconds, the median of {ROUNDS}");
            let few = one_lane(1_000).await;
            let many = one_lane(100_000).await;
            compare(
                "one task, 1,000 waiting",
                few,
                "one task, 100,000 waiting",
                many,
            )
            .await;
            let free = behind_a_backoff(0).await;
            let behind = behind_a_backoff(50_000).await;
            compare(
                "nothing put off in front",
                free,
                "50,000 put off in front",
                behind,
            )
            .await;
        }
        if wanted("appends") {
            println!("appends from {CONNECTIONS} callers, each with one debt and seven tokens");
            appends().await;
        }
    });
}

/// A store that is ready to be claimed from, in a folder that goes with it.
struct Ready {
    store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

/// Takes turns between two stores, so that whatever else the machine does befalls both.
async fn compare(what: &str, one: Ready, beside: &str, other: Ready) {
    let (mut took_one, mut took_other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        took_one.push(round(&one.store).await);
        took_other.push(round(&other.store).await);
    }
    let one = median(took_one);
    let other = median(took_other);
    println!("  {what:28} {:9.1}", one.as_secs_f64() * 1e6);
    let ratio = other.as_secs_f64() / one.as_secs_f64();
    println!(
        "  {beside:28} {:9.1}   x {ratio:.2}",
        other.as_secs_f64() * 1e6
    );
}

/// One claim and one settling.
async fn round(store: &Arc<dyn Store>) -> Duration {
    let started = Instant::now();
    let leases = claim(store, 1, 10).await;
    assert_eq!(leases.len(), 1);
    settle(store, &leases[0], Settlement::Delivered, 10).await;
    started.elapsed()
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

async fn store(folder: &Path) -> Arc<dyn Store> {
    let file = folder.join("tidings.db");
    let options = OpenOptions::new(format!("sqlite:{}", file.display()));
    let store = open(options).await.unwrap();
    store.register_sinks(&[sink()], at(0)).await.unwrap();
    store
}

fn sink() -> SinkName {
    "sink".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// The `number`-th event, about a task: 350 bytes of body, as the vendor sends them.
fn append(task: &str, number: usize, lane: Option<Lane>) -> Append {
    let body = format!(
        r#"{{"type":"agent.task.status_update","timestamp":"2027-01-15T08:{:02}:{:02}.{:06}+00:00","payload":{{"session_id":"cd9c0000-aaaa-4bbb-8ccc-{task:>012}","task_id":"5b730000-aaaa-4bbb-8ccc-{task:>012}","status":"finished","metadata":{{"campaign":"q4-automation-{number}","team":"marketing","owner":"somebody@example.com"}}}}}}"#,
        number / 6_000_000 % 60,
        number / 100_000 % 60,
        number % 100_000 * 10,
    );
    let document = Document::read(body.as_bytes()).unwrap();
    let facts = Facts::read(&document);
    let endpoint = EndpointName::default();
    let event = NewEvent {
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin: Origin::Webhook,
        endpoint,
        received_at: at(0),
        facts,
        body: Bytes::from(body),
        signature: None,
    };
    let owed = Owed {
        sink: sink(),
        lane,
        enrich: None,
    };
    Append {
        event,
        owed: vec![owed],
    }
}

/// Appends `count` events from many callers at once.
async fn fill(store: &Arc<dyn Store>, count: usize, task: &'static str, lane: Option<Lane>) {
    let mut callers = JoinSet::new();
    for caller in 0..CONNECTIONS {
        let store = Arc::clone(store);
        callers.spawn(async move {
            for number in (caller..count).step_by(CONNECTIONS) {
                store.append(append(task, number, lane)).await.unwrap();
            }
        });
    }
    callers.join_all().await;
}

async fn claim(store: &Arc<dyn Store>, limit: usize, seconds: i64) -> Vec<Lease> {
    let room = Room {
        sink: sink(),
        limit,
        together: None,
    };
    let lease = SignedDuration::from_secs(60);
    store.claim(vec![room], at(seconds), lease).await.unwrap()
}

async fn settle(store: &Arc<dyn Store>, lease: &Lease, settlement: Settlement, seconds: i64) {
    let settle = Settle {
        delivery: lease.delivery,
        fence: lease.fence,
        held_by: None,
        attempt: None,
        settlement,
    };
    assert!(store.settle(settle, at(seconds)).await.unwrap());
}

/// `count` events of one task wait in line.
async fn one_lane(count: usize) -> Ready {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    fill(&store, count, "1", Some(Lane::of("1"))).await;
    Ready {
        store,
        _folder: folder,
    }
}

/// A thousand events are due, and `count` older ones of the same sink wait for their next try.
async fn behind_a_backoff(count: usize) -> Ready {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    fill(&store, count, "1", None).await;
    loop {
        let leases = claim(&store, 512, 5).await;
        if leases.is_empty() {
            break;
        }
        let settles = leases
            .iter()
            .map(|lease| settle(&store, lease, Settlement::Retry(at(3600)), 5));
        futures_util::future::join_all(settles).await;
    }
    fill(&store, 1_000, "2", None).await;
    Ready {
        store,
        _folder: folder,
    }
}

/// How many events a second are committed, and what they take on disk.
async fn appends() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CONNECTIONS {
        let store = Arc::clone(&store);
        callers.spawn(async move {
            let mut number = caller;
            while started.elapsed() < APPENDING {
                let task = (number / 4).to_string();
                let lane = Lane::of(&task);
                store
                    .append(append(&task, number, Some(lane)))
                    .await
                    .unwrap();
                number += CONNECTIONS;
            }
            (number - caller) / CONNECTIONS
        });
    }
    let mut largest = 0;
    let mut appended = 0;
    while let Some(done) = callers.join_next().await {
        appended += done.unwrap();
        largest = largest.max(size(folder.path(), "tidings.db-wal"));
    }
    let rate = f64::from(u32::try_from(appended).unwrap()) / started.elapsed().as_secs_f64();
    store.close().await.unwrap();
    let bytes = size(folder.path(), "tidings.db");
    println!("  {rate:9.0} a second");
    println!(
        "  {:9} bytes on disk for each",
        bytes / u64::try_from(appended).unwrap()
    );
    println!("  {:9} KiB the log beside it grew to", largest / 1024);
}

fn size(folder: &Path, name: &str) -> u64 {
    std::fs::metadata(folder.join(name)).map_or(0, |file| file.len())
}
