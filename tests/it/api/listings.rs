//! Listings: filters, pages, and cursors that are not to be mixed up.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::receiver::Receiver;

/// A receiver that got a status of each of so many tasks, a minute apart.
async fn with_tasks(count: usize) -> Receiver {
    let receiver = Receiver::start().await;
    for number in 1..=count {
        let task = format!("task_{number}");
        receiver.hears(&task, "finished").await;
        receiver.clock.advance(SignedDuration::from_mins(1));
    }
    receiver
}

/// The tasks that the events of a page are about.
fn tasks(page: &Value) -> Vec<String> {
    let events = page["data"].as_array().expect("a list");
    let task = |event: &Value| event["task_id"].as_str().expect("a task").to_owned();
    events.iter().map(task).collect()
}

/// Every page of a listing, one after the other.
async fn pages(receiver: &Receiver, query: &str) -> Vec<Vec<String>> {
    let caller = receiver.caller();
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.finds(&format!("/events?{query}{cursor}")).await;
        pages.push(tasks(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let receiver = with_tasks(5).await;
    let newest_first = [
        vec!["task_5", "task_4"],
        vec!["task_3", "task_2"],
        vec!["task_1"],
    ];
    assert_eq!(pages(&receiver, "limit=2").await, newest_first);
    let oldest_first = [vec!["task_1", "task_2", "task_3"], vec!["task_4", "task_5"]];
    assert_eq!(pages(&receiver, "limit=3&order=asc").await, oldest_first);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_cursor_goes_on_after_a_restart_and_past_what_came_meanwhile() {
    let mut receiver = with_tasks(5).await;
    let first = receiver.caller().finds("/events?limit=2").await;
    let cursor = first["next_cursor"].as_str().expect("there is more");

    receiver = receiver.restart().await;
    receiver.hears("task_6", "finished").await;

    let query = format!("/events?limit=1&cursor={cursor}");
    let second = receiver.caller().finds(&query).await;
    assert_eq!(tasks(&second), ["task_3"]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_cursor_is_bound_to_its_filter() {
    let receiver = with_tasks(3).await;
    let caller = receiver.caller();
    let page = caller.finds("/events?status=finished&limit=1").await;
    let cursor = page["next_cursor"].as_str().expect("there is more");
    for query in [
        "events?",
        "events?status=failed&",
        "events?status=finished&order=asc&",
        "rejections?",
    ] {
        let reply = caller
            .gets(&format!("/api/v1/{query}cursor={cursor}"))
            .await;
        assert_eq!(reply.slug(), "invalid-cursor", "{query}");
    }
    let nonsense = caller.gets("/api/v1/events?cursor=nonsense").await;
    assert_snapshot!(nonsense.told(), @r#"
    400
    {"type":"/problems/invalid-cursor","title":"invalid cursor","status":400,"detail":"this `cursor` does not go with these parameters: use it with those of the listing it came from, or begin anew without it"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_filter_lets_through_what_it_says_and_no_more() {
    let receiver = with_tasks(3).await;
    receiver.hears("task_1", "failed").await;
    receiver.hears("task_4", "completed").await;
    receiver.hears("task_5", "daydreaming").await;
    for (query, found) in [
        ("status=failed", vec!["task_1"]),
        ("status=completed", vec!["task_4"]),
        (
            "state=finished",
            vec!["task_4", "task_3", "task_2", "task_1"],
        ),
        ("state=failed,daydreaming", vec!["task_5", "task_1"]),
        ("state=finished&status=failed", vec![]),
        (
            "status=failed,finished&task_id=task_1",
            vec!["task_1", "task_1"],
        ),
        ("task_id=task_1,task_3", vec!["task_1", "task_3", "task_1"]),
        (
            "type=agent.task.status_update&task_id=task_2",
            vec!["task_2"],
        ),
        ("type=other", vec![]),
        ("session_id=session_1&status=failed", vec!["task_1"]),
        ("run_id=none", vec![]),
        ("origin=webhook,reconcile&task_id=task_2", vec!["task_2"]),
        ("origin=reconcile", vec![]),
        ("metadata.team=tests,other&task_id=task_2", vec!["task_2"]),
        ("metadata.team=other", vec![]),
        ("q=task_2", vec!["task_2"]),
        (
            "since=2026-05-25T09:01:00Z&until=2026-05-25T09:02:00Z",
            vec!["task_2"],
        ),
    ] {
        let all = pages(&receiver, query).await.concat();
        assert_eq!(all, found, "{query}");
    }
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_slip_of_the_pen_lists_nothing() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let told = async |path: &str| caller.gets(&format!("/api/v1/{path}")).await.told();

    assert_snapshot!(told("events?satus=finished").await, @r#"
    400
    {"type":"/problems/unknown-parameter","title":"unknown parameter","status":400,"detail":"there is no parameter `satus` here; did you mean `status`?"}
    "#);
    assert_snapshot!(told("events?colour=red").await, @r#"
    400
    {"type":"/problems/unknown-parameter","title":"unknown parameter","status":400,"detail":"there is no parameter `colour` here; it knows order, limit, cursor, type, status, state, task_id, run_id, session_id, origin, metadata.KEY, q, since, until"}
    "#);
    assert_snapshot!(told("events?status=").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`status` is empty"}
    "#);
    assert_eq!(
        told("events?limit=many").await,
        told("events?limit=201").await
    );
    assert_snapshot!(told("events?limit=201").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`limit` is 1 to 200"}
    "#);
    assert_snapshot!(told("events?order=up").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`order` is `asc` or `desc`"}
    "#);
    assert_snapshot!(told("events?since=yesterday").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`since` does not read: a time is written like 2026-11-23T10:00:00Z"}
    "#);
    assert_snapshot!(told("events?origin=mars").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`origin` does not read: `mars` is not an origin: webhook, reconcile, tidings"}
    "#);
    assert_snapshot!(told("deliveries?state=lost").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`state` does not read: `lost` is not a state of a delivery: pending, waiting, leased, delivered, dead, discarded"}
    "#);
    assert_snapshot!(told("rejections?cause=too-old").await, @r#"
    400
    {"type":"/problems/unknown-parameter","title":"unknown parameter","status":400,"detail":"there is no parameter `cause` here; it knows order, limit, cursor"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn nothing_is_found_by_an_id_that_is_none() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let told = async |path: &str| caller.gets(&format!("/api/v1/{path}")).await.told();

    assert_snapshot!(told("events/evt_019706c0-19bd-8ae8-b035-36a7e4ada891").await, @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no event `evt_019706c0-19bd-8ae8-b035-36a7e4ada891`"}
    "#);
    assert_snapshot!(told("events/42").await, @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no event `42`: an event's id is written `evt_` and a UUID"}
    "#);
    assert_snapshot!(told("deliveries/42").await, @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no delivery `42`: an id here is written `dlv_` and a UUID"}
    "#);
    assert_snapshot!(told("rejections/%ff").await, @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no rejection ``: an id here is written `rej_` and a UUID"}
    "#);
    assert_snapshot!(told("sinks/nobody").await, @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no sink `nobody`"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_bytes_come_back_as_they_came() {
    let receiver = Receiver::start().await;
    let body = r#"{"payload":{"a":NaN,"b":Infinity,"c":"\ud800"}}"#;
    let id = receiver.cloud.posts(body).await.accepted();

    let caller = receiver.caller();
    let raw = caller.gets(&format!("/api/v1/events/{id}/raw")).await;
    assert_eq!(raw.text(), body);
    assert_eq!(raw.header("content-type"), "application/json");
    assert_eq!(raw.header("x-content-type-options"), "nosniff");
    let event = caller.finds(&format!("/events/{id}")).await;
    assert_eq!(event["body"], Value::Null);
    assert_eq!(event["body_text"], body);
    receiver.stop_cleanly().await;
}
