//! After the 200 the event is ours (`docs/delivery.md`): the built program, killed and started
//! again.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tidings::store;
use tidings::store::Append;
use tidings::store::OpenOptions;
use tidings::store::Order;
use tidings::store::Slice;
use tidings::store::Store;
use tidings::store::TaskBook;
use tidings::store::TaskFilter;
use tidings::store::TaskRecord;
use tidings::tasks::rebuild;

use crate::harness::caller::Caller;
use crate::harness::disk;
use crate::harness::disk::Disk;
use crate::harness::disk::Step;
use crate::harness::events::new_event;
use crate::harness::full_counts;
use crate::harness::home::Home;
use crate::harness::home::TOKEN;
use crate::harness::load::Load;
use crate::harness::program::Program;
use crate::harness::sink::FakeSink;

/// How many tasks tell at the same time.
const TASKS: usize = 8;

#[tokio::test]
async fn a_killed_server_loses_nothing_stores_nothing_twice_and_keeps_the_order() {
    let kills = if full_counts() { 30 } else { 5 };
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let load = Load::start(TASKS);
    let mut chance = SmallRng::seed_from_u64(1);

    for _ in 0..kills {
        let program = Program::start(&home);
        load.sends_to(&program.webhook());
        load.until_acknowledged(chance.random_range(0..200)).await;
        program.kill();
    }

    let program = Program::start(&home);
    load.sends_to(&program.webhook());
    let acknowledged: BTreeSet<String> = load.finish().await.into_iter().collect();
    program.until_nothing_is_owed().await;
    let stored = program.every_event().await;
    program.stop();
    tasks_are_what_the_events_say(&home.path("tidings.db"), &stored).await;

    assert!(acknowledged.len() > kills, "there was no load");
    let ids: Vec<&str> = stored.iter().map(id).collect();
    let stored_once: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(stored_once.len(), ids.len(), "an event is stored twice");
    assert_eq!(stored_once, acknowledged);

    let sent: Vec<Value> = sink.got().into_iter().map(|got| got.event).collect();
    for delivered in [sent, home.lines()] {
        let reached: BTreeSet<String> =
            delivered.iter().map(|event| id(event).to_owned()).collect();
        assert_eq!(reached, acknowledged);
        in_order_for_each_task(&delivered);
    }
}

/// How many events are replayed while the server is killed.
const REPLAYED: usize = 150;

#[tokio::test]
async fn a_replay_goes_on_after_every_kill_and_owes_nothing_twice() {
    let kills = if full_counts() { 30 } else { 5 };
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let mut program = Program::start(&home);
    for n in 0..REPLAYED {
        program.hears(&format!("task_{n}"), "finished").await;
    }
    program.until_nothing_is_owed().await;
    let caller = Caller::of(&program.url, TOKEN);
    let all = serde_json::json!({"filter": {}});
    let begun = caller.calls(Method::POST, "/api/v1/replays", &all).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let path = format!(
        "/api/v1/replays/{}",
        begun.json()["id"].as_str().expect("an id")
    );

    for kill in 1..=kills {
        // Each a part of the way further on.
        let so_far = REPLAYED + kill * REPLAYED / (kills + 1);
        sink.until(|got| got.len() >= so_far).await;
        program.kill();
        program = Program::start(&home);
    }
    let done = loop {
        let replay = program.get(&path).await;
        if replay["state"] == "done" {
            break replay;
        }
        // Only the file sink's progress has no signal that reaches a test.
        tokio::time::sleep(Duration::from_millis(20)).await;
    };

    assert_eq!(done["delivered"], 2 * REPLAYED, "{done}");
    let stored = program.every_event().await;
    assert_eq!(stored.len(), REPLAYED);
    for event in &stored {
        // Once as it came and once more, to each of the two sinks.
        assert_eq!(event["deliveries"]["delivered"], 4, "{event}");
    }
    program.stop();
}

/// Holds that each event was observed once, and that the tasks come out the same as in a store
/// that nobody killed, and as when they are folded anew.
async fn tasks_are_what_the_events_say(database: &Path, stored: &[Value]) {
    let store = open(database).await;
    while !store.follow(500).await.expect("it answers").caught_up {}
    let unkilled = TempDir::new().expect("there is a place for temporary folders");
    let fresh = open(&unkilled.path().join("tidings.db")).await;
    for event in stored {
        let received_at = event["received_at"].as_str().expect("a time");
        let received_at = received_at.parse().expect("a time");
        let body = event["body"].to_string();
        let append = Append {
            event: new_event(&body, received_at),
            owed: Vec::new(),
        };
        fresh.append(append).await.expect("it is stored");
    }
    while !fresh.follow(500).await.expect("it answers").caught_up {}

    let tasks = every_task(&*store).await;
    assert_eq!(tasks.len(), TASKS);
    let observed: u64 = tasks.iter().map(|task| task.observations).sum();
    assert_eq!(observed, stored.len() as u64, "an event is observed twice");
    assert_eq!(tasks, every_task(&*fresh).await);

    let rebuilt = rebuild(&*store, |_| {}).await.expect("it answers");
    assert_eq!((rebuilt.added, rebuilt.mended), (0, 0));
    assert_eq!(every_task(&*store).await, tasks);
    store.close().await.expect("it closes");
}

async fn open(database: &Path) -> Arc<dyn Store> {
    let options = OpenOptions::new(format!("sqlite:{}", database.display()));
    store::open(options).await.expect("it is whole")
}

async fn every_task(book: &dyn TaskBook) -> Vec<TaskRecord> {
    let slice = Slice {
        order: Order::Ascending,
        after: None,
        limit: 1000,
    };
    let page = book.tasks(&TaskFilter::default(), slice).await;
    page.expect("it answers").items
}

/// Holds that no event of a task comes after a later one of the same task.
pub(crate) fn in_order_for_each_task(delivered: &[Value]) {
    let mut latest: BTreeMap<&str, i64> = BTreeMap::new();
    for event in delivered {
        let task = event["task_id"].as_str().expect("it is about a task");
        let seq = event["seq"].as_i64().expect("it has a number");
        let before = latest.insert(task, seq).unwrap_or(seq);
        assert!(before <= seq, "{task}: {seq} came after {before}");
    }
}

fn id(event: &Value) -> &str {
    event["id"].as_str().expect("it has an id")
}

/// How many events a single client sends while its server is watched.
const WATCHED: usize = 60;

#[tokio::test]
async fn one_client_alone_is_answered_only_after_a_sync() {
    let steps = watched(1, WATCHED).await;

    let mut synced = false;
    let mut answers = 0;
    for step in &steps {
        match step {
            Step::Synced { .. } => synced = true,
            Step::Acknowledged { id } => {
                assert!(synced, "{id} was acknowledged before anything was synced");
                synced = false;
                answers += 1;
            }
            Step::Wrote { .. } | Step::Resized { .. } => {}
        }
    }
    assert!(answers >= WATCHED, "only {answers} answers were seen");
}

#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let steps = watched(TASKS, if full_counts() { 1000 } else { 200 }).await;
    let mut chance = SmallRng::seed_from_u64(2);
    let mut disk = Disk::default();
    let mut acknowledged = BTreeSet::new();
    let mut cuts = 0;

    for step in &steps {
        disk.apply(step);
        let Step::Acknowledged { id } = step else {
            continue;
        };
        acknowledged.insert(id.clone());
        if chance.random_ratio(1, 10) {
            // Once nothing survives that was not synced, once any part of it.
            for luck in [0.0, 0.5] {
                let folder = TempDir::new().expect("there is a place for temporary folders");
                disk.cut_the_power(folder.path(), || chance.random_bool(luck));
                holds(folder.path(), &acknowledged).await;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 5, "the power was cut {cuts} times");
}

/// Runs a server under `strace` with so many clients, until so many events are acknowledged.
async fn watched(tasks: usize, events: usize) -> Vec<Step> {
    let sink = FakeSink::start().await;
    let home = Home::new(&sink.url());
    let load = Load::start(tasks);
    let program = Program::run(home.serve_under(&disk::tracing_to("strace.log")));
    load.sends_to(&program.webhook());
    load.until_acknowledged(events).await;
    load.finish().await;
    program.stop();
    disk::record(&home.path("strace.log"))
}

/// Holds that a database has every one of these events, and what each owes to both sinks.
async fn holds(folder: &Path, acknowledged: &BTreeSet<String>) {
    let store = open(&folder.join("tidings.db")).await;
    for id in acknowledged {
        let id = id.parse().expect("an id");
        let found = store.event(id).await.expect("the database answers");
        let counts = found.expect("what was acknowledged is there").deliveries;
        assert_eq!(counts.pending + counts.delivered, 2);
    }
    store.close().await.expect("it closes");
}
