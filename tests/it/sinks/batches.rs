//! Batches on their way: what a service and a file get of them.

use std::collections::BTreeSet;
use std::fs;
use std::slice;
use std::sync::Arc;

use insta::assert_snapshot;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use standardwebhooks::Webhook;
use tempfile::TempDir;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Batch;
use tidings::sinks::Outbound;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::Tools;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use crate::harness::events;
use crate::harness::receiver::Receiver;
use crate::harness::sinks;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn outbounds(count: usize, now: Timestamp) -> Vec<Outbound> {
    let event = |n| events::outbound(&events::status_update("task_1", n), now);
    (1..=count).map(event).collect()
}

fn batch(outbounds: &[Outbound]) -> Batch {
    Batch::of_the_first(outbounds.to_vec(), SystemClock.now()).unwrap()
}

/// A server that says yes, and a sink that posts to it in batches.
async fn posting() -> (MockServer, Arc<dyn Sink>) {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let settings = json!({ "url": server.uri(), "signing_secrets": [SECRET] });
    let tools = Tools {
        in_batches: true,
        ..sinks::tools()
    };
    let sink = sinks::build("http", &settings, &tools).unwrap();
    (server, sink)
}

fn ids(request: &Request) -> Vec<String> {
    let body: Vec<Value> = request.body_json().unwrap();
    let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
    body.iter().map(id).collect()
}

#[tokio::test]
async fn a_batch_is_posted_as_an_array_under_an_id_made_of_its_events_and_signed_whole() {
    let (server, sink) = posting().await;
    let sent = outbounds(3, SystemClock.now());
    let batching = sink.as_batching().unwrap();

    for events in [&sent[..], &sent[..2], &sent[..]] {
        let receipt = batching.deliver_batch(&batch(events)).await.unwrap();
        assert_eq!(receipt.status, Some(200));
    }

    let requests = server.received_requests().await.unwrap();
    let expected: Vec<_> = sent.iter().map(|sent| sent.event.id.to_string()).collect();
    assert_eq!(ids(&requests[0]), expected);
    let id = |place: usize| requests[place].headers["webhook-id"].to_str().unwrap();
    assert!(id(0).starts_with("bat_"), "{}", id(0));
    assert_eq!(id(0).len(), "bat_".len() + 36);
    assert_eq!(id(0), id(2), "the same events, the same id");
    assert_ne!(id(0), id(1));
    assert_eq!(requests[0].headers["idempotency-key"], id(0));
    let webhook = Webhook::new(SECRET).unwrap();
    webhook
        .verify(&requests[0].body, &requests[0].headers)
        .unwrap();
}

#[tokio::test]
async fn one_alone_is_an_array_too_and_so_it_is_shown() {
    let (server, sink) = posting().await;
    let sent = outbounds(1, SystemClock.now());

    sink.deliver(&sent[0]).await.unwrap();

    let requests = server.received_requests().await.unwrap();
    assert_eq!(ids(&requests[0]), [sent[0].event.id.to_string()]);
    let Rendering::Request { body, .. } = sink.render(&sent[0]).unwrap() else {
        panic!("it posts");
    };
    assert_eq!(body.as_bytes(), requests[0].body);
}

#[tokio::test]
async fn a_batch_says_that_it_is_a_replay_if_all_of_it_is() {
    let (server, sink) = posting().await;
    let mut sent = outbounds(2, SystemClock.now());
    for outbound in &mut sent {
        let batch = batch(slice::from_ref(outbound));
        sink.as_batching()
            .unwrap()
            .deliver_batch(&batch)
            .await
            .unwrap();
        outbound.replay = true;
    }
    let again = batch(&sent);
    sink.as_batching()
        .unwrap()
        .deliver_batch(&again)
        .await
        .unwrap();

    let requests = server.received_requests().await.unwrap();
    let says = |request: &Request| request.headers.contains_key("tidings-replay");
    let says: Vec<_> = requests.iter().map(says).collect();
    assert_eq!(says, [false, false, true]);
}

#[test]
fn a_batch_holds_what_fits_and_one_in_any_case() {
    let long = |kilobytes: usize| {
        let body = events::status_update("task_1", kilobytes);
        let long = format!("\"long\": \"{}\", \"type\"", "x".repeat(kilobytes * 1024));
        events::outbound(&body.replacen("\"type\"", &long, 1), SystemClock.now())
    };
    let fits = |sizes: &[usize]| {
        let all: Vec<_> = sizes.iter().map(|&size| long(size)).collect();
        batch(&all).events().len()
    };
    assert_eq!(fits(&[100, 100, 100]), 3);
    assert_eq!(fits(&[400, 400, 400]), 2);
    assert_eq!(fits(&[2000, 1]), 1);
}

#[test]
fn only_who_is_told_to_takes_batches_over_http() {
    let settings = json!({ "url": "http://127.0.0.1:1/" });
    let sink = sinks::build("http", &settings, &sinks::tools()).unwrap();
    assert!(sink.as_batching().is_none());
}

#[test]
fn what_makes_a_request_of_a_single_event_goes_with_no_batch() {
    let tools = Tools {
        in_batches: true,
        ..sinks::tools()
    };
    let url = "http://127.0.0.1:1/";
    for settings in [
        json!({ "url": url, "forward": "signed" }),
        json!({ "url": url, "template": { "body": "{}" } }),
    ] {
        let error = sinks::build("http", &settings, &tools)
            .unwrap_err()
            .to_string();
        assert!(error.contains("leave one of them out"), "{error}");
    }
}

#[tokio::test]
async fn a_batch_in_a_file_is_its_lines() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events.jsonl");
    let sink = sinks::build("file", &json!({ "path": path }), &sinks::tools()).unwrap();
    let sent = outbounds(3, SystemClock.now());

    sink.as_batching()
        .unwrap()
        .deliver_batch(&batch(&sent))
        .await
        .unwrap();
    sink.deliver(&sent[0]).await.unwrap();

    let text = fs::read_to_string(path).unwrap();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].clone();
    let found: Vec<Value> = text.lines().map(id).collect();
    let expected = [0, 1, 2, 0].map(|place: usize| sent[place].event.id.to_string());
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_comes_within_the_wait_reaches_the_service_in_one_request() {
    let receiver = Receiver::with(r#"batch = { max = 100, wait = "2s" }"#).await;
    receiver.hears("task_1", "started").await;
    receiver.hears("task_2", "started").await;
    receiver.dispatch_all().await;
    assert!(receiver.sink.got().is_empty());

    receiver.hears("task_1", "finished").await;
    receiver.clock.advance(SignedDuration::from_secs(2));
    receiver.sink.answers(422);
    receiver.dispatch_all().await;
    let told: Vec<String> = receiver
        .sink
        .got()
        .iter()
        .map(|got| format!("{} {}", got.event["task_id"], got.event["status"]))
        .collect();
    assert_snapshot!(told[..3].join("\n"), @r#"
    "task_1" "started"
    "task_2" "started"
    "task_1" "finished"
    "#);
    let requests: BTreeSet<_> = receiver
        .sink
        .got()
        .iter()
        .map(|got| got.header("webhook-id").map(str::to_owned))
        .collect();
    assert_eq!(requests.len(), 4, "once together, and each alone");
    assert_snapshot!(receiver.deliveries().await, @r"
    backend: dead after 2 attempts (refused: answered 422 Unprocessable Entity)
    backend: dead after 2 attempts (refused: answered 422 Unprocessable Entity)
    backend: dead after 2 attempts (refused: answered 422 Unprocessable Entity)
    ");
    receiver.log.expects("trying each alone");
    receiver.log.expects("will not get event");
    receiver.stop_cleanly().await;
}
