//! What no webhook told is found, and told once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::simulator::Options;
use tidings::simulator::Posted;
use tidings::tasks::reconcile::Found;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

use crate::harness::linked::Linked;
use crate::harness::simulated::Simulated;
use crate::harness::sink::FakeSink;

/// How each version begins a task, and how its ids are called in webhooks.
const VERSIONS: [(&str, &str, &str); 4] = [
    ("v1", "v1/run-task", "task_id"),
    ("v2", "v2/tasks", "task_id"),
    ("v3", "v3/sessions", "session_id"),
    ("v4", "v4/runs", "run_id"),
];

/// A little more than the time in which a webhook may still come.
const GRACE: SignedDuration = SignedDuration::from_secs(121);

/// Begins a task.
async fn begins(cloud: &Simulated, path: &str, task: &str) -> String {
    let made = cloud.post(path, json!({ "task": task })).await;
    assert!((200..300).contains(&made.status), "{}", made.body);
    let id = &made.body["id"];
    id.as_str().expect("an id").to_owned()
}

/// The id that an event is about, whatever the vendor calls it.
fn about(event: &Value) -> String {
    ["task_id", "run_id", "session_id"]
        .into_iter()
        .find_map(|name| event[name].as_str())
        .expect("it is about something")
        .to_owned()
}

/// Looks twice, so far apart that an end seen the first time is old enough the second.
async fn looks(linked: &Linked) {
    linked.receiver.looks().await;
    linked.cloud.clock.advance(GRACE);
    linked.cloud.simulator.settle().await;
    linked.receiver.looks().await;
}

/// Who said what of a task, in the order in which we learned it.
async fn timeline(linked: &Linked, id: &str) -> Vec<String> {
    let caller = linked.receiver.caller();
    let timeline = caller.finds(&format!("/tasks/{id}/timeline")).await;
    let said = |line: &Value| format!("{}: {}", line["source"], line["status"]).replace('"', "");
    let lines = timeline["data"].as_array().expect("a list");
    lines.iter().map(said).collect()
}

#[tokio::test]
async fn whoever_tells_an_end_first_it_is_delivered_once_and_both_are_in_the_timeline() {
    let linked = Linked::looking_at(Simulated::start().await).await;
    linked.receiver.looks().await;
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;

    for (version, path, name) in VERSIONS {
        for webhook_is_first in [true, false] {
            for is_same_word in [true, false] {
                let case = format!("{version}, {webhook_is_first}, {is_same_word}");
                let id = begins(&linked.cloud, path, "simulate:fails").await;
                linked.passes(10).await;
                let apis = if version == "v3" { "error" } else { "failed" };
                let word = if is_same_word { apis } else { "stopped" };
                let told_at = linked.cloud.clock.now() + SignedDuration::from_millis(300);
                let webhook = json!({
                    "type": "agent.task.status_update",
                    "timestamp": told_at.to_string(),
                    "payload": { name: id, "status": word },
                });

                if !webhook_is_first {
                    looks(&linked).await;
                }
                linked
                    .receiver
                    .cloud
                    .posts(&webhook.to_string())
                    .await
                    .accepted();
                linked.receiver.follow_all().await;
                if webhook_is_first {
                    looks(&linked).await;
                }
                linked.receiver.dispatch_all().await;

                let got = linked.receiver.sink.got();
                let ends = got.iter().filter(|got| about(&got.event) == id).count();
                assert_eq!(ends, 1, "{case}");
                let said: BTreeSet<String> = timeline(&linked, &id).await.into_iter().collect();
                let both = [format!("webhook: {word}"), format!("reconcile: {apis}")];
                assert!(
                    both.iter().all(|one| said.contains(one)),
                    "{case}: {said:?}"
                );
                let task = linked
                    .receiver
                    .caller()
                    .finds(&format!("/tasks/{id}"))
                    .await;
                assert_eq!(task["status"], apis, "{case}");
            }
        }
    }
    linked.receiver.stop_cleanly().await;
}

/// What one sink got: each event once, those of a task in the order in which they were received.
fn told_in_order(sink: &FakeSink) -> Vec<Value> {
    let mut told = BTreeSet::new();
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    let mut events = Vec::new();
    for got in sink.got() {
        assert!(told.insert(got.id), "nothing is delivered twice");
        let seq = got.event["seq"].as_u64().expect("a number");
        let before = newest.insert(about(&got.event), seq);
        assert!(before < Some(seq), "{} overtook its task", got.event);
        events.push(got.event);
    }
    events
}

/// How often each end was told, by its task.
fn ends_of(events: &[Value]) -> BTreeMap<String, u32> {
    let mut ends = BTreeMap::new();
    for event in events.iter().filter(|event| event["ended"] == true) {
        *ends.entry(about(event)).or_default() += 1;
    }
    ends
}

/// A task and a status.
type Said = (String, String);

/// What arrived of the webhooks that were posted, and how often.
fn arrived(posted: &mut broadcast::Receiver<Posted>, so_far: &mut BTreeMap<Said, u32>) {
    loop {
        match posted.try_recv() {
            Ok(one) => {
                if one.answer.is_ok_and(|answer| answer.is_success()) {
                    let body: Value = serde_json::from_slice(&one.body).expect("JSON");
                    let said = (about(&body["payload"]), one.status.to_owned());
                    *so_far.entry(said).or_default() += 1;
                }
            }
            Err(TryRecvError::Empty) => return,
            Err(error) => panic!("not all that was posted was seen: {error}"),
        }
    }
}

#[tokio::test]
async fn whatever_happens_to_webhooks_every_end_arrives_exactly_once() {
    let of_ends = FakeSink::start().await;
    let sink = format!(
        "[[sink]]\nname = \"ends\"\ntype = \"http\"\nurl = \"{}\"\nallow_private = true\n\
         filter = {{ state = [\"finished\", \"failed\", \"stopped\"] }}",
        of_ends.url()
    );
    let cloud = Simulated::start().await;
    let mut posted = cloud.simulator.posted();
    let mut linked = Linked::looking_at_with(cloud, &sink).await;
    linked.receiver.looks().await;
    let mischief = json!({ "lost": 0.3, "duplicate": 0.2, "reordered": 1.0 });
    linked.cloud.misbehaves(mischief).await;

    let lives = [
        "simulate:finishes",
        "simulate:fails",
        "simulate:unsuccessful",
    ];
    let mut ids = BTreeSet::new();
    let mut came = BTreeMap::new();
    for round in 0..8 {
        for (_, path, _) in VERSIONS {
            for life in lives {
                ids.insert(begins(&linked.cloud, path, life).await);
            }
        }
        linked.passes(4).await;
        arrived(&mut posted, &mut came);
        if round == 4 {
            linked = linked.down_for(30).await;
        }
        linked.receiver.looks().await;
        linked.receiver.dispatch_all().await;
        arrived(&mut posted, &mut came);
    }
    linked.passes(60).await;
    looks(&linked).await;
    looks(&linked).await;
    linked.receiver.dispatch_all().await;
    arrived(&mut posted, &mut came);

    let all = told_in_order(&linked.receiver.sink);
    let filtered = told_in_order(&of_ends);
    let once: BTreeMap<String, u32> = ids.into_iter().map(|id| (id, 1)).collect();
    assert_eq!(ends_of(&all), once);
    assert_eq!(ends_of(&filtered), once);
    assert_eq!(filtered.len(), once.len(), "it gets ends and nothing else");

    let mut others: BTreeMap<Said, u32> = BTreeMap::new();
    for event in all.iter().filter(|event| event["ended"] == false) {
        let status = event["status"].as_str().expect("a status");
        *others.entry((about(event), status.to_owned())).or_default() += 1;
    }
    assert!(!others.is_empty(), "something arrived");
    for (said, times) in others {
        let most = came.get(&said).copied().unwrap_or(0);
        assert!(times <= most, "{said:?}: {times} times, and {most} arrived");
    }
    let found = linked.receiver.looks().await;
    assert_eq!(found, Found::default(), "there is no more to find");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_first_look_at_five_thousand_old_tasks_tells_nothing() {
    let options = Options {
        keep: 6_000,
        ..Options::default()
    };
    let cloud = Simulated::with(options).await;
    let _ids = cloud.simulator.run_tasks("t", 5_000);
    cloud.clock.advance(SignedDuration::from_hours(24));
    let endless = cloud.run_task("simulate:endless").await;
    cloud.passes(4).await;

    let linked = Linked::looking_at(cloud).await;
    let found = linked.receiver.looks().await;
    assert_eq!((found.starts, found.ends), (0, 0));
    assert_eq!(found.registered, 5_001);
    looks(&linked).await;
    assert_eq!(linked.receiver.deliveries().await, "");
    let events = linked
        .receiver
        .caller()
        .finds("/events?origin=reconcile,tidings")
        .await;
    assert_eq!(events["data"], json!([]), "nothing is told");

    // What went on then is told when it ends.
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;
    let stop = format!("v1/stop-task?task_id={endless}");
    linked.cloud.put(&stop, Value::Null).await.is(200);
    looks(&linked).await;
    linked.receiver.dispatch_all().await;
    let got = linked.receiver.sink.got();
    assert_eq!(got.len(), 1);
    assert_eq!(
        (about(&got[0].event), &got[0].event["status"]),
        (endless, &json!("stopped"))
    );
    assert_eq!(got[0].event["origin"], "reconcile");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_end_is_not_told_before_its_webhook_had_time_to_come() {
    let linked = Linked::looking_at(Simulated::start().await).await;
    linked.receiver.looks().await;
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;
    begins(&linked.cloud, "v2/tasks", "t").await;
    linked.passes(20).await;

    assert_eq!(linked.receiver.looks().await, Found::default());
    linked.cloud.clock.advance(GRACE);
    assert_eq!(linked.receiver.looks().await.ends, 1);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_end_that_was_too_young_at_a_stop_is_told_after_the_start() {
    let linked = Linked::looking_at(Simulated::start().await).await;
    linked.receiver.looks().await;
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;
    begins(&linked.cloud, "v2/tasks", "t").await;
    linked.passes(20).await;
    linked.receiver.looks().await;

    // So long that no listing reaches back to it.
    linked.cloud.clock.advance(SignedDuration::from_hours(1));
    linked.receiver.looks().await;
    let linked = linked.down_for(1).await;
    linked.receiver.dispatch_all().await;
    assert_eq!(linked.receiver.sink.got().len(), 1);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_end_that_somebody_looked_up_is_told_all_the_same() {
    let linked = Linked::looking_at(Simulated::start().await).await;
    linked.receiver.looks().await;
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;
    let id = begins(&linked.cloud, "v2/tasks", "t").await;
    linked.passes(3).await;
    linked.receiver.looks().await;
    // So long that no listing reaches back to it.
    linked.cloud.clock.advance(SignedDuration::from_hours(1));
    let path = format!("/tasks/{id}?fresh=true");
    let task = linked.receiver.caller().finds(&path).await;
    assert_eq!(task["state"], "finished");

    assert_eq!(linked.receiver.looks().await.ends, 1);
    assert_eq!(linked.receiver.looks().await.ends, 0);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn in_poll_mode_starts_and_ends_become_events() {
    let linked = Linked::polling(Simulated::start().await).await;
    linked.receiver.looks().await;
    let mut ids = Vec::new();
    for (_, path, _) in VERSIONS {
        ids.push(begins(&linked.cloud, path, "t").await);
    }
    let started = linked.receiver.caller();
    let started = started
        .calls(Method::POST, "/api/v1/tasks", &json!({ "task": "t" }))
        .await;
    ids.push(started.json()["id"].as_str().expect("an id").to_owned());
    for _ in 0..10 {
        linked.passes(2).await;
        linked.receiver.looks().await;
    }
    linked.receiver.dispatch_all().await;

    for id in ids {
        let got = linked.receiver.sink.got();
        let told = got.iter().filter(|got| about(&got.event) == id);
        let ended: Vec<&Value> = told.map(|got| &got.event["ended"]).collect();
        assert_eq!(ended, [&json!(false), &json!(true)], "{id}");
    }
    linked.receiver.stop_cleanly().await;
}
