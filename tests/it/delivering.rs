//! The life of an event: from the vendor's 200 to the user's system.

use std::fs;
use std::time::Duration;

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::receiver::Receiver;
use crate::harness::sink::FakeSink;
use crate::harness::sink::Got;

#[tokio::test]
async fn an_event_reaches_the_sink_as_the_vendor_told_it() {
    let receiver = Receiver::start().await;

    let id = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    let [got] = <[Got; 1]>::try_from(receiver.sink.got()).expect("it came once");
    assert_eq!(got.id, id);
    assert_eq!(got.header("idempotency-key"), Some(id.as_str()));
    assert_eq!(got.header("webhook-id"), Some(id.as_str()));
    assert_eq!(got.header("tidings-replay"), None);
    assert_eq!(got.event["type"], "agent.task.status_update");
    assert_eq!(got.event["task_id"], "task_1");
    assert_eq!(got.event["status"], "finished");
    assert_eq!(got.event["metadata"]["team"], "tests");
    assert_eq!(got.event["body"]["payload"]["status"], "finished");
    assert!(got.event.get("deliveries").is_none());
    assert_snapshot!(receiver.deliveries().await, @"backend: delivered after 1 attempt");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_that_asks_for_ends_gets_them_in_whatever_word_they_come() {
    let receiver =
        Receiver::with("filter = { state = [\"finished\", \"failed\", \"stopped\"] }").await;
    for status in [
        "initializing",
        "started",
        "daydreaming",
        "timed_out",
        "completed",
    ] {
        receiver.hears(status, status).await;
    }
    receiver.dispatch_all().await;

    let told: Vec<String> = receiver
        .sink
        .got()
        .iter()
        .map(|got| {
            format!(
                "{}: {}, {}",
                got.event["status"], got.event["state"], got.event["ended"]
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    "timed_out": "failed", true
    "completed": "finished", true
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_that_was_down_gets_the_event_when_it_is_back() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(503);
    let id = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    assert_snapshot!(receiver.deliveries().await, @"backend: pending after 1 attempt, next in 5 s");
    receiver.log.expects("trying again");

    receiver.sink.answers(200);
    receiver.dispatch_all().await;
    assert!(receiver.sink.accepted().is_empty(), "it is not due yet");

    receiver.clock.advance(SignedDuration::from_secs(10));
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.accepted(), [id]);
    assert_snapshot!(receiver.deliveries().await, @"backend: delivered after 2 attempts");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_same_webhook_twice_is_delivered_once() {
    let receiver = Receiver::start().await;
    let body = receiver.cloud.status_update("task_1", "finished");

    let id = receiver.cloud.posts(&body).await.accepted();
    assert_eq!(receiver.cloud.posts(&body).await.known(), id);
    receiver.dispatch_all().await;
    receiver.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(receiver.cloud.posts(&body).await.known(), id);
    receiver.dispatch_all().await;

    assert_eq!(receiver.sink.accepted(), [id]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_unsigned_webhook_is_refused_and_not_stored() {
    let receiver = Receiver::start().await;
    let body = receiver.cloud.status_update("task_1", "finished");

    receiver
        .cloud
        .forgets_to_sign()
        .posts(&body)
        .await
        .refused(400);
    receiver
        .cloud
        .signs_with("another secret")
        .posts(&body)
        .await
        .refused(403);

    // It was not kept: signed, the same body is news.
    receiver.cloud.posts(&body).await.accepted();
    receiver.log.expects("Refused a request");
    receiver.dispatch_all().await;
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn events_of_one_task_arrive_in_order_though_the_first_one_fails() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(503);
    let first = receiver.hears("task_1", "started").await;
    let second = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    receiver.log.expects("trying again");
    let tried: Vec<String> = receiver.sink.got().into_iter().map(|got| got.id).collect();
    assert_eq!(tried, [first.as_str()], "the second waits for the first");

    receiver.sink.answers(200);
    receiver.clock.advance(SignedDuration::from_secs(10));
    receiver.dispatch_all().await;

    assert_eq!(receiver.sink.accepted(), [first, second]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn one_task_does_not_wait_for_another() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(503);
    receiver.hears("task_1", "started").await;
    receiver.dispatch_all().await;
    receiver.log.expects("trying again");

    receiver.sink.answers(200);
    let other = receiver.hears("task_2", "started").await;
    receiver.dispatch_all().await;

    assert_eq!(receiver.sink.accepted(), [other]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_slow_sink_does_not_delay_another() {
    let fast = FakeSink::start().await;
    let receiver = Receiver::with(&format!(
        r#"
        timeout = "1s"

        [[sink]]
        name = "fast"
        type = "http"
        url = "{}"
        allow_private = true
        "#,
        fast.url()
    ))
    .await;
    receiver.sink.takes(Duration::from_mins(5));

    let events = [
        receiver.hears("task_1", "started").await,
        receiver.hears("task_1", "finished").await,
    ];
    let fast_has_both = fast.until(|got| got.len() == 2);
    receiver.dispatch_until(fast_has_both).await;
    assert_eq!(fast.accepted(), events);
    receiver.dispatch_all().await;
    assert_eq!(
        receiver.sink.got().len(),
        1,
        "the slow one never got past the first"
    );
    receiver.log.expects("trying again");

    receiver.sink.answers(200);
    receiver.clock.advance(SignedDuration::from_secs(10));
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.got().len(), 3);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sink_that_asks_to_wait_is_left_alone_that_long() {
    let receiver = Receiver::start().await;
    receiver.sink.asks_to_wait(60);
    let id = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    receiver.log.expects("trying again");

    receiver.sink.answers(200);
    receiver.clock.advance(SignedDuration::from_secs(59));
    receiver.dispatch_all().await;
    assert!(receiver.sink.accepted().is_empty());

    receiver.clock.advance(SignedDuration::from_secs(30));
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.accepted(), [id]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_a_sink_refuses_is_dead_at_once_and_blocks_nothing() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(422);
    receiver.hears("task_1", "started").await;
    receiver.dispatch_all().await;
    receiver.log.expects("will not get");
    assert_snapshot!(receiver.deliveries().await, @"backend: dead after 1 attempt (refused: answered 422 Unprocessable Entity)");

    receiver.sink.answers(200);
    let next = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    assert_eq!(receiver.sink.accepted(), [next]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn after_a_week_of_failures_a_delivery_is_given_up() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(500);
    receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    receiver.log.expects("trying again");

    receiver
        .clock
        .advance(SignedDuration::from_hours(7 * 24 + 1));
    receiver.dispatch_all().await;

    receiver.log.expects("will not get");
    assert_snapshot!(receiver.deliveries().await, @"backend: dead after 2 attempts (given up after 2 tries in 7d: answered 500 Internal Server Error)");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_replayed_event_goes_out_again_under_the_same_id() {
    let receiver = Receiver::start().await;
    let id = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;

    receiver.replay(&id).await;
    receiver.dispatch_all().await;

    let got = receiver.sink.got();
    assert_eq!(receiver.sink.accepted(), [id.clone(), id.clone()]);
    assert_eq!(got[1].header("idempotency-key"), Some(id.as_str()));
    assert!(got[1].header("tidings-replay").is_some());
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_restarted_receiver_knows_what_it_had_and_delivers_what_it_owed() {
    let receiver = Receiver::start().await;
    receiver.sink.answers(503);
    let body = receiver.cloud.status_update("task_1", "finished");
    let id = receiver.cloud.posts(&body).await.accepted();
    receiver.dispatch_all().await;
    receiver.log.expects("trying again");

    let receiver = receiver.restart().await;
    receiver.sink.answers(200);
    assert_eq!(receiver.cloud.posts(&body).await.known(), id);
    receiver.clock.advance(SignedDuration::from_secs(10));
    receiver.dispatch_all().await;

    assert_eq!(receiver.sink.accepted(), [id]);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_event_that_no_filter_lets_through_is_stored_and_owed_to_nobody() {
    let receiver = Receiver::with("[sink.filter]\nstatus = [\"finished\"]").await;

    let id = receiver.hears("task_1", "started").await;
    receiver.dispatch_all().await;

    assert!(receiver.event(&id).await.is_some());
    assert_snapshot!(receiver.deliveries().await, @"");
    assert!(receiver.sink.got().is_empty());
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_condition_decides_and_lets_through_what_it_cannot_answer() {
    let condition = "metadata.n | default(\"1\") | int > 3 and body.payload.status == \"started\"";
    let receiver = Receiver::with(&format!("[sink.filter]\nwhen = '{condition}'")).await;
    let tells = async |n: &str| {
        let body = receiver.cloud.status_update("task_1", "started");
        let with_metadata = body.replace(
            "\"status\"",
            &format!("\"metadata\": {{\"n\": \"{n}\"}}, \"status\""),
        );
        receiver.cloud.posts(&with_metadata).await.accepted()
    };

    tells("3").await;
    let wanted = tells("4").await;
    receiver.hears("task_1", "finished").await;
    let unclear = tells("many").await;
    receiver.dispatch_all().await;

    assert_eq!(receiver.sink.accepted(), [wanted, unclear]);
    receiver
        .log
        .expects("The filter of sink `backend` failed on event");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_event_becomes_a_line_of_the_file() {
    let folder = TempDir::new().expect("there is a place for temporary folders");
    let path = folder.path().join("events.jsonl");
    let receiver = Receiver::with(&format!(
        "[[sink]]\nname = \"file\"\ntype = \"file\"\npath = \"{}\"",
        path.display()
    ))
    .await;

    let first = receiver.hears("task_1", "started").await;
    let second = receiver.hears("task_1", "finished").await;
    receiver.dispatch_all().await;
    // Only then is the file's writer known to have ended by itself, and in time.
    receiver.stop_cleanly().await;

    let written = fs::read_to_string(path).expect("the file is there");
    let ids: Vec<String> = written
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is an event"))
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(ids, [first, second]);
}
