//! What an operator changes: retry, discard, replay, and the test of a sink.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::caller::Caller;
use crate::harness::caller::Reply;
use crate::harness::receiver::Receiver;

async fn post(caller: &Caller, path: &str, body: Value) -> Reply {
    let path = format!("/api/v1{path}");
    caller.calls(Method::POST, &path, &body).await
}

/// The id of the only delivery in this state.
async fn only(caller: &Caller, state: &str) -> String {
    let page = caller.finds(&format!("/deliveries?state={state}")).await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{page}");
    page["data"][0]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_dead_delivery_is_shown_with_its_attempts_and_can_be_retried() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    receiver.sink.answers(400);
    receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    let id = only(&caller, "dead").await;
    let dead = caller.finds(&format!("/deliveries/{id}")).await;
    assert_eq!(dead["attempts"], 1);
    assert_eq!(dead["attempt_list"][0]["number"], 1);
    assert_eq!(dead["attempt_list"][0]["outcome"], "refused");
    assert_eq!(dead["attempt_list"][0]["status"], 400);

    receiver.sink.answers(200);
    let retry = format!("/deliveries/{id}/retry");
    let retried = post(&caller, &retry, json!({})).await;
    assert_eq!(retried.status, 202, "{}", retried.text());
    assert_eq!(retried.json()["state"], "pending");
    receiver.dispatch_all().await;

    assert_eq!(only(&caller, "delivered").await, id);
    assert_snapshot!(post(&caller, &retry, json!({})).await.told(), @r#"
    409
    {"type":"/problems/not-now","title":"not now","status":409,"detail":"the delivery is delivered, and this cannot be done to it now"}
    "#);
    receiver.log.expects("backend");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_delivery_is_discarded_with_a_reason() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    receiver.hears("task_1", "finished").await;
    let id = only(&caller, "pending").await;

    let path = format!("/deliveries/{id}/discard");
    let long = json!({"reason": "x".repeat(201)});
    assert_eq!(post(&caller, &path, long).await.slug(), "invalid-parameter");
    let discarded = post(&caller, &path, json!({"reason": "sent by hand"})).await;
    assert_eq!(discarded.status, 200, "{}", discarded.text());
    assert_eq!(discarded.json()["state"], "discarded");
    assert_eq!(discarded.json()["reason"], "sent by hand");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_event_goes_out_once_more_when_somebody_asks() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let id = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    let replay = format!("/events/{id}/replay");
    for body in [json!({}), json!({"sinks": ["backend", "backend"]})] {
        let replayed = post(&caller, &replay, body).await;
        assert_eq!(replayed.status, 202, "{}", replayed.text());
        let owed = replayed.json()["data"].take();
        assert_eq!(owed.as_array().map(Vec::len), Some(1));
        assert_eq!(owed[0]["replay"], true);
    }
    receiver.dispatch_all().await;
    let event = caller.finds(&format!("/events/{id}")).await;
    assert_eq!(event["deliveries"]["delivered"], 3);
    let all = caller.finds(&format!("/events/{id}/deliveries")).await;
    assert_eq!(all["data"].as_array().map(Vec::len), Some(3));

    let stranger = json!({"sinks": ["nobody"]});
    assert_snapshot!(post(&caller, &replay, stranger).await.told(), @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`sinks` names `nobody`, and no such sink is configured"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_event_that_no_sink_takes_is_replayed_only_to_those_that_are_named() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let ping = r#"{"payload":{"test":"ok"},"timestamp":"2024-03-21T12:00:00Z","type":"test"}"#;
    let id = receiver.cloud.posts(ping).await.accepted();
    let replay = format!("/events/{id}/replay");
    assert_snapshot!(post(&caller, &replay, json!({})).await.told(), @r#"
    409
    {"type":"/problems/no-sink","title":"no sink","status":409,"detail":"no sink takes this event: name those that should, in `sinks`"}
    "#);
    let named = post(&caller, &replay, json!({"sinks": ["backend"]})).await;
    assert_eq!(named.status, 202);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_is_tried_out_without_storing_anything() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let tried = async || {
        let reply = post(&caller, "/sinks/backend/test", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    let taken = tried().await;
    assert_eq!(taken["outcome"], "delivered");
    assert_eq!(taken["status"], 200);

    receiver.sink.answers(503);
    assert_eq!(tried().await["outcome"], "failed");
    receiver.sink.answers(400);
    assert_eq!(tried().await["outcome"], "refused");

    assert_eq!(caller.finds("/events").await["data"], json!([]));
    assert_eq!(caller.finds("/deliveries").await["data"], json!([]));
    let nobody = post(&caller, "/sinks/nobody/test", json!({})).await;
    assert_eq!(nobody.slug(), "not-found");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_tells_how_it_fares() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    receiver.hears("task_1", "started").await;
    receiver.hears("task_1", "finished").await;
    assert_snapshot!(caller.finds("/sinks/backend").await, @r#"{"dead":0,"delivered_24h":0,"failed_24h":0,"last_error":null,"name":"backend","next_probe_at":null,"oldest_due_at":"2026-05-25T09:00:00.000000Z","opened_at":null,"p95_ms":null,"paused_at":null,"pending":1,"state":"active","type":"http","waiting":1}"#);
    let listed = caller.finds("/sinks").await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_that_is_paused_is_left_alone_until_it_is_resumed_also_over_a_restart() {
    let receiver = Receiver::start().await;
    let paused = post(&receiver.caller(), "/sinks/backend/pause", json!({})).await;
    assert_eq!(paused.status, 200, "{}", paused.text());
    assert_eq!(paused.json()["state"], "paused");
    assert_eq!(paused.json()["paused_at"], "2026-05-25T09:00:00.000000Z");
    receiver.hears("task_1", "started").await;
    receiver.dispatch_all().await;

    let receiver = receiver.restart().await;
    let caller = receiver.caller();
    receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.got().len(), 0);
    let sink = caller.finds("/sinks/backend").await;
    assert_eq!(
        (&sink["pending"], &sink["waiting"]),
        (&json!(1), &json!(1)),
        "{sink}"
    );

    let resumed = post(&caller, "/sinks/backend/resume", json!({})).await;
    assert_eq!(resumed.json()["state"], "active");
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.accepted().len(), 2);
    for verb in ["pause", "resume"] {
        let nobody = post(&caller, &format!("/sinks/nobody/{verb}"), json!({})).await;
        assert_eq!(nobody.slug(), "not-found");
    }
    receiver.stop_cleanly().await;
}
