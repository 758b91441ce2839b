//! Laws of tasks.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom as _;

use crate::store::Append;
use crate::store::Order;
use crate::store::Rebuild;
use crate::store::Slice;
use crate::store::Store;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::store::TimelineEntry;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::cut_off;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::opened;
use crate::task::Observation;
use crate::task::Source;
use crate::task::TaskKey;
use crate::task::TaskKind;

/// An event that says in second `seconds` how a task in a session stands.
pub(super) fn says(session: &str, task: &str, seconds: i64, status: &str) -> Append {
    let told = at(seconds);
    let body = format!(
        r#"{{"timestamp":"{told}","payload":{{"session_id":"{session}","task_id":"{task}",
            "status":"{status}","metadata":{{"team":"of {session}"}}}}}}"#
    );
    Append {
        event: event(body, 0),
        owed: Vec::new(),
    }
}

/// Reads the log to its end, a few events a step.
pub(super) async fn follow(store: &Arc<dyn Store>) -> Vec<TaskRecord> {
    let mut heard_of = Vec::new();
    loop {
        let mut followed = store.follow(3).await.unwrap();
        heard_of.append(&mut followed.heard_of);
        if followed.caught_up {
            return heard_of;
        }
    }
}

pub(super) async fn rebuild(store: &Arc<dyn Store>) -> Rebuild {
    let mut so_far = Rebuild::default();
    while !so_far.is_done {
        so_far = store.rebuild(so_far, 2).await.unwrap();
    }
    so_far
}

fn slice(order: Order) -> Slice {
    Slice {
        order,
        after: None,
        limit: 1000,
    }
}

async fn tasks(store: &Arc<dyn Store>) -> Vec<TaskRecord> {
    let all = TaskFilter::default();
    let page = store.tasks(&all, slice(Order::Ascending)).await.unwrap();
    page.items
}

pub(super) async fn timeline(store: &Arc<dyn Store>, name: &str) -> Vec<TimelineEntry> {
    let task = store.task(name).await.unwrap().unwrap();
    let page = store.timeline(task.number, slice(Order::Ascending)).await;
    page.unwrap().items
}

pub(in crate::store) async fn what_events_say_of_a_task_is_its_timeline_and_folded(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let events = [
        says("s", "t", 1, "started"),
        says("s", "t", 5, "finished"),
        says("s", "t", 3, "started"),
    ];
    for event in &events {
        store.append(event.clone()).await.unwrap();
    }
    assert!(store.task("t").await.unwrap().is_none());
    let heard_of = follow(&store).await;
    assert_eq!(heard_of.last().unwrap().key.id.as_ref(), "t");

    let task = store.task("t").await.unwrap().unwrap();
    assert_eq!((task.key.kind, task.observations), (TaskKind::Task, 3));
    let now = &task.projection;
    assert_eq!(now.status.as_ref().unwrap().word.as_ref(), "finished");
    assert_eq!((now.started_at, now.ended_at()), (Some(at(1)), Some(at(5))));
    assert_eq!(now.session_id.as_deref(), Some("s"));
    assert_eq!(now.metadata.as_deref(), Some(r#"{"team":"of s"}"#));

    let lines = timeline(&store, "t").await;
    for (line, append) in lines.iter().zip(&events) {
        let facts = &append.event.facts;
        assert_eq!(line.event, Some(append.event.id));
        assert_eq!(line.observation.source, Source::Webhook);
        assert_eq!(line.observation.word, facts.status);
        assert_eq!(line.observation.session_id, facts.session_id);
        assert_eq!(Some(line.observation.at), facts.occurred_at);
    }
    let numbers: Vec<i64> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

pub(in crate::store) async fn an_event_about_no_task_is_passed_over(backend: &impl Backend) {
    let store = opened(backend).await;
    let nothing = Append {
        event: event(r#"{"type":"news"}"#, 1),
        owed: Vec::new(),
    };
    store.append(nothing).await.unwrap();
    assert!(follow(&store).await.is_empty());
    assert!(store.follow(3).await.unwrap().caught_up);
    assert!(tasks(&store).await.is_empty());
}

pub(in crate::store) async fn an_event_is_observed_once_whoever_follows(backend: &impl Backend) {
    let store = opened(backend).await;
    let events = (0..60).map(|n| says("s", &format!("t{}", n % 7), n, "running"));
    append_all(&store, events.collect()).await;
    let followers = (0..4).map(|_| follow(&store));
    futures_util::future::join_all(followers).await;

    let all = tasks(&store).await;
    let observed: u64 = all.iter().map(|task| task.observations).sum();
    assert_eq!((all.len(), observed), (7, 60));
}

pub(in crate::store) async fn a_step_cut_off_anywhere_is_taken_again(backend: &impl Backend) {
    let mut store = opened(backend).await;
    let mut told = 0;
    for polls in 0..40 {
        let said = |n: i64| says("s", &format!("t{n}"), 10 * polls + n, "running");
        append_all(&store, (0..5).map(said).collect()).await;
        told += 5;
        cut_off(store.follow(1000), usize::try_from(polls).unwrap()).await;
        // At once, while what was cut off may still be on its way.
        store.follow(1).await.unwrap();
        if polls % 7 == 6 {
            // As a process does that begins after another was killed.
            store.close().await.unwrap();
            store = backend.open().await;
        }
    }
    follow(&store).await;

    let all = tasks(&store).await;
    let observed: u64 = all.iter().map(|task| task.observations).sum();
    assert_eq!((all.len(), observed), (5, told));
    assert_eq!(rebuild(&store).await.mended, 0);
}

pub(in crate::store) async fn in_any_order_of_arrival_the_same_tasks_come_out(
    backend: &impl Backend,
) {
    let words = ["started", "paused", "finished", "stopped", "odd", "running"];
    let mut events = Vec::new();
    for task in 0..4 {
        for (n, word) in (0..).zip(words) {
            // Two tasks do not end, and the times cross.
            if task < 2 || n < 2 {
                events.push(says("s", &format!("t{task}"), (7 * n + task) % 11, word));
            }
        }
    }
    // Told once more, each of another task: so that one store can hold all orders.
    let mut chance = SmallRng::seed_from_u64(1);
    let store = opened(backend).await;
    let mut expected: Option<BTreeMap<String, String>> = None;
    for round in 0..8 {
        let named = |append: &Append| {
            let body = String::from_utf8(append.event.body.to_vec()).unwrap();
            let body = body.replace(r#""task_id":"t"#, &format!(r#""task_id":"{round}:t"#));
            Append {
                event: event(body, 0),
                owed: Vec::new(),
            }
        };
        let mut told: Vec<Append> = events.iter().map(named).collect();
        told.extend(told.clone());
        told.shuffle(&mut chance);
        for some in told.chunks(5) {
            append_all(&store, some.to_vec()).await;
            store.follow(4).await.unwrap();
        }
        follow(&store).await;
        let mut found = BTreeMap::new();
        for task in tasks(&store).await {
            if let Some(name) = task.key.id.strip_prefix(&format!("{round}:")) {
                let stands = format!("{:?} {}", task.projection, task.observations);
                found.insert(name.to_owned(), stands);
            }
        }
        assert_eq!(found.len(), 4);
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(&found, expected, "round {round}");
    }
    let before = format!("{:?}", tasks(&store).await);
    let rebuilt = rebuild(&store).await;
    assert_eq!((rebuilt.added, rebuilt.mended), (0, 0));
    assert_eq!(format!("{:?}", tasks(&store).await), before);
}

pub(in crate::store) async fn what_no_event_says_is_observed_too(backend: &impl Backend) {
    let store = opened(backend).await;
    store.append(says("s", "t", 1, "stopped")).await.unwrap();
    follow(&store).await;
    let key = TaskKey {
        kind: TaskKind::Task,
        id: "t".into(),
    };
    let said = Observation {
        source: Source::LookUp,
        at: at(1),
        seen_at: at(9),
        word: Some("failed \0".into()),
        run_id: Some("late".into()),
        session_id: Some("s".into()),
        metadata: None,
    };
    let failed = Observation {
        word: Some("failed".into()),
        ..said.clone()
    };
    let observed = store
        .observe(vec![(key.clone(), said), (key, failed.clone())])
        .await;
    assert_eq!(observed.unwrap()[0].observations, 3);

    let task = store.task("late").await.unwrap().unwrap();
    let status = task.projection.status.unwrap();
    assert_eq!((&*status.word, status.source), ("failed", Source::LookUp));
    assert_eq!(task.projection.last_seen_at, at(9));
    let lines = timeline(&store, "t").await;
    assert_eq!(lines[1].observation.word.as_deref(), Some("failed \0"));
    assert_eq!(lines[2].observation, failed);
    assert_eq!(lines[2].event, None);
    assert_eq!(rebuild(&store).await.mended, 0);
}
