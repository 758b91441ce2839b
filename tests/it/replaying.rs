//! Much is delivered once more: counted first, each once, live events before it, through restarts,
//! and as far as somebody lets it.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::caller::Reply;
use crate::harness::receiver::Receiver;

/// Another sink of the user's, which takes whatever comes.
const AUDIT: &str = r#"
    [[sink]]
    name = "audit"
    type = "command"
    program = "true"
"#;

async fn calls(receiver: &Receiver, method: Method, path: &str, body: Value) -> Reply {
    let path = format!("/api/v1{path}");
    receiver.caller().calls(method, &path, &body).await
}

/// Begins a replay, and returns its id.
async fn begins(receiver: &Receiver, path: &str, body: Value) -> String {
    let begun = calls(receiver, Method::POST, path, body).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    begun.json()["id"].as_str().expect("an id").to_owned()
}

async fn shown(receiver: &Receiver, id: &str) -> Value {
    receiver.caller().finds(&format!("/replays/{id}")).await
}

/// How a replay stands, in a line.
async fn told(receiver: &Receiver, id: &str) -> String {
    let replay = shown(receiver, id).await;
    let word = |key: &str| replay[key].to_string().replace('"', "");
    format!(
        "{}: {} found, {} owed, {} pending, {} delivered, {} dead, {} discarded",
        word("state"),
        word("matched"),
        word("owed"),
        word("pending"),
        word("delivered"),
        word("dead"),
        word("discarded"),
    )
}

/// Hears of so many tasks, and delivers it.
async fn has_delivered(receiver: &Receiver, count: usize) {
    for n in 0..count {
        receiver.hears(&format!("task_{n}"), "finished").await;
    }
    receiver.dispatch_all().await;
}

/// How often each event reached the sink.
fn times(receiver: &Receiver) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for id in receiver.sink.accepted() {
        *times.entry(id).or_default() += 1;
    }
    times
}

#[tokio::test]
async fn many_events_are_counted_first_and_then_go_out_once_more() {
    let receiver = Receiver::start().await;
    has_delivered(&receiver, 150).await;
    receiver.clock.advance(SignedDuration::from_hours(1));
    receiver.hears("late", "started").await;
    receiver.dispatch_all().await;

    let finished = |dry_run| json!({"filter": {"state": "finished"}, "dry_run": dry_run});
    let counted = calls(&receiver, Method::POST, "/replays", finished(true)).await;
    assert_snapshot!(counted.told(), @r#"
    200
    {"matched":150,"more":false,"owed":150,"parts":[{"sink":"backend","owed":150}]}
    "#);
    assert_eq!(receiver.caller().finds("/replays").await["data"], json!([]));

    let id = begins(&receiver, "/replays", finished(false)).await;
    // What comes now is not among what was asked for.
    receiver.hears("later", "finished").await;
    assert_snapshot!(told(&receiver, &id).await, @"running: 150 found, 0 owed, 0 pending, 0 delivered, 0 dead, 0 discarded");
    receiver.replay_all().await;
    assert_snapshot!(told(&receiver, &id).await, @"done: 150 found, 150 owed, 0 pending, 150 delivered, 0 dead, 0 discarded");

    let got = receiver.sink.got();
    let replayed: Vec<_> = got
        .iter()
        .filter(|got| got.header("tidings-replay").is_some())
        .collect();
    assert_eq!(replayed.len(), 150);
    assert!(replayed.iter().all(|got| got.event["state"] == "finished"));
    let twice = times(&receiver).into_values().filter(|&times| times == 2);
    assert_eq!(twice.count(), 150);
    assert_eq!(got.len(), 302, "once more, and no more than that");

    let replay = shown(&receiver, &id).await;
    assert_eq!(replay["filter"], json!({"state": ["finished"]}));
    assert_eq!(replay["sinks"], json!(["backend"]));
    assert_eq!(
        (&replay["kind"], &replay["progress"]),
        (&json!("replay"), &json!(1.0))
    );
    assert_ne!(replay["finished_at"], Value::Null);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_gets_nothing_once_more_that_its_filter_keeps_from_it() {
    let receiver = Receiver::with("filter = { state = \"finished\" }").await;
    for (task, status) in [
        ("a", "started"),
        ("a", "finished"),
        ("a", "failed"),
        ("b", "started"),
    ] {
        receiver.hears(task, status).await;
        receiver.clock.advance(SignedDuration::from_secs(1));
    }
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.got().len(), 1);

    let all = json!({"filter": {}, "sinks": ["backend"], "dry_run": true});
    let counted = calls(&receiver, Method::POST, "/replays", all).await.json();
    assert_eq!(
        (&counted["matched"], &counted["owed"]),
        (&json!(4), &json!(1))
    );
    let id = begins(&receiver, "/replays", json!({"filter": {}})).await;
    receiver.replay_all().await;
    assert_snapshot!(told(&receiver, &id).await, @"done: 4 found, 1 owed, 0 pending, 1 delivered, 0 dead, 0 discarded");
    assert_eq!(receiver.sink.got().len(), 2);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn live_events_find_only_a_few_replays_before_them() {
    let receiver = Receiver::with("concurrency = 6").await;
    has_delivered(&receiver, 100).await;
    let id = begins(&receiver, "/replays", json!({"filter": {}})).await;

    receiver.owes_replays().await;
    receiver.owes_replays().await;
    assert_snapshot!(told(&receiver, &id).await, @"running: 100 found, 3 owed, 3 pending, 0 delivered, 0 dead, 0 discarded");
    receiver.hears("live", "finished").await;
    receiver.replay_all().await;

    let got = receiver.sink.got();
    let live = got.iter().position(|got| got.event["task_id"] == "live");
    assert!(
        (100..=103).contains(&live.expect("it came")),
        "it came as number {live:?}"
    );
    assert_eq!(got.len(), 201);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_replay_goes_on_where_it_stood_when_the_server_starts_again() {
    let mut receiver = Receiver::start().await;
    has_delivered(&receiver, 120).await;
    let id = begins(&receiver, "/replays", json!({"filter": {}})).await;
    for _ in 0..3 {
        // Once with debts under way, once with none.
        receiver.owes_replays().await;
        receiver = receiver.restart().await;
        receiver.dispatch_all().await;
        receiver = receiver.restart().await;
    }
    assert_snapshot!(told(&receiver, &id).await, @"running: 120 found, 24 owed, 0 pending, 24 delivered, 0 dead, 0 discarded");
    receiver.replay_all().await;

    assert_snapshot!(told(&receiver, &id).await, @"done: 120 found, 120 owed, 0 pending, 120 delivered, 0 dead, 0 discarded");
    let times = times(&receiver);
    assert_eq!(times.len(), 120);
    assert!(times.values().all(|&times| times == 2), "{times:?}");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_that_is_down_holds_up_its_own_part_of_a_replay_and_no_other() {
    let receiver = Receiver::with(AUDIT).await;
    has_delivered(&receiver, 40).await;
    receiver.sink.answers(503);
    let id = begins(&receiver, "/replays", json!({"filter": {}})).await;
    receiver.replay_all().await;

    let parts = shown(&receiver, &id).await["parts"].take();
    assert_eq!(
        (&parts[0]["sink"], &parts[0]["delivered"]),
        (&json!("audit"), &json!(40))
    );
    assert_eq!(
        (&parts[1]["sink"], &parts[1]["delivered"]),
        (&json!("backend"), &json!(0))
    );
    assert_eq!(shown(&receiver, &id).await["state"], "running");

    receiver.sink.answers(200);
    while shown(&receiver, &id).await["state"] == "running" {
        receiver.clock.advance(SignedDuration::from_mins(1));
        receiver.dispatch_all().await;
        receiver.replay_all().await;
    }
    assert_snapshot!(told(&receiver, &id).await, @"done: 40 found, 80 owed, 0 pending, 80 delivered, 0 dead, 0 discarded");
    receiver.log.expects("backend");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_cancelled_replay_owes_nothing_more() {
    let receiver = Receiver::start().await;
    has_delivered(&receiver, 60).await;
    let id = begins(&receiver, "/replays", json!({"filter": {}})).await;
    receiver.owes_replays().await;
    receiver.dispatch_all().await;
    receiver.owes_replays().await;

    let path = format!("/replays/{id}");
    let cancelled = calls(&receiver, Method::DELETE, &path, json!({})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
    receiver.replay_all().await;
    assert_snapshot!(told(&receiver, &id).await, @"cancelled: 60 found, 16 owed, 0 pending, 8 delivered, 0 dead, 8 discarded");
    assert_eq!(receiver.sink.got().len(), 68);
    let again = calls(&receiver, Method::DELETE, &path, json!({})).await;
    assert_eq!(again.status, 200, "{}", again.text());
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn dead_letters_are_tried_again_by_filter() {
    let receiver = Receiver::with(AUDIT).await;
    receiver.sink.answers(400);
    has_delivered(&receiver, 70).await;
    receiver.sink.answers(200);

    let mine = json!({"filter": {"sink": "backend"}, "dry_run": true});
    let counted = calls(&receiver, Method::POST, "/deliveries/retry", mine).await;
    assert_snapshot!(counted.told(), @r#"
    200
    {"matched":70,"more":false,"owed":70,"parts":[{"sink":"backend","owed":70}]}
    "#);
    let id = begins(&receiver, "/deliveries/retry", json!({"filter": {}})).await;
    receiver.replay_all().await;

    assert_snapshot!(told(&receiver, &id).await, @"done: 70 found, 70 owed, 0 pending, 70 delivered, 0 dead, 0 discarded");
    assert_eq!(
        shown(&receiver, &id).await["filter"],
        json!({"state": ["dead"]})
    );
    assert_eq!(receiver.sink.accepted().len(), 70);
    let dead = receiver.caller().finds("/deliveries?state=dead").await;
    assert_eq!(dead["data"], json!([]));
    assert_eq!(receiver.sink.got()[100].header("tidings-replay"), None);
    let done = calls(
        &receiver,
        Method::DELETE,
        &format!("/replays/{id}"),
        json!({}),
    )
    .await;
    assert_eq!(done.slug(), "not-now");
    receiver.log.expects("backend");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_wish_with_a_slip_of_the_pen_replays_nothing() {
    let receiver = Receiver::start().await;
    has_delivered(&receiver, 1).await;
    let refused = async |path: &str, body: Value| {
        let refused = calls(&receiver, Method::POST, path, body).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        refused.json()["detail"].as_str().expect("text").to_owned()
    };
    assert_snapshot!(refused("/replays", json!({})).await, @"`filter` is missing: give one, or `{}` for all");
    assert_snapshot!(refused("/replays", json!({"filter": {"satus": "a"}})).await, @"there is no parameter `satus` here; did you mean `status`?");
    assert_snapshot!(refused("/replays", json!({"filter": {"status": []}})).await, @"`status` is empty");
    assert_snapshot!(refused("/replays", json!({"filter": {"limit": "3"}})).await, @"there is no parameter `limit` here; it knows type, status, state, task_id, run_id, session_id, origin, metadata.KEY, q, since, until");
    assert_snapshot!(refused("/replays", json!({"filter": {}, "sinks": ["nobody"]})).await, @"`sinks` names `nobody`, and no such sink is configured");
    assert_snapshot!(refused("/replays", json!({"filter": {}, "sinks": []})).await, @"`sinks` names none, or none is configured");
    assert_snapshot!(refused("/deliveries/retry", json!({"filter": {"sink": "nobody"}})).await, @"`sink` names `nobody`, and no such sink is configured");
    let waiting = json!({"filter": {"state": "dead,waiting"}});
    assert_snapshot!(refused("/deliveries/retry", waiting).await, @"`state` is `dead` or `discarded` here: everything else is owed or was delivered");
    assert_eq!(receiver.caller().finds("/replays").await["data"], json!([]));
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_replay_of_nothing_is_done_at_once_and_one_that_was_made_up_is_not_there() {
    let receiver = Receiver::start().await;
    let id = begins(
        &receiver,
        "/replays",
        json!({"filter": {"task_id": "nobody"}}),
    )
    .await;
    receiver.replay_all().await;
    assert_snapshot!(told(&receiver, &id).await, @"done: 0 found, 0 owed, 0 pending, 0 delivered, 0 dead, 0 discarded");
    let listed = receiver.caller().finds("/replays").await;
    assert_eq!(listed["data"][0]["id"], id);

    let none = receiver.caller().gets("/api/v1/replays/rpl_0").await;
    assert_snapshot!(none.told(), @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no replay `rpl_0`: an id here is written `rpl_` and a UUID"}
    "#);
    receiver.stop_cleanly().await;
}
