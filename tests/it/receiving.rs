//! What a sender of webhooks is told.

use std::convert::Infallible;
use std::time::Duration;

use insta::assert_snapshot;
use jiff::SignedDuration;
use reqwest::Method;
use tidings::clock::Clock as _;
use tidings::signing::sign;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::harness::caller::Reply;
use crate::harness::cloud::SECRET;
use crate::harness::receiver::Receiver;

const BODY: &str = r#"{"payload":{"status":"finished","task_id":"task_1"},"timestamp":"2026-05-25T09:00:00Z","type":"agent.task.status_update"}"#;

const PING: &str = r#"{"type":"test","timestamp":"2024-03-21T12:00:00Z","payload":{"test":"ok"}}"#;

/// Posts a body with a good signature over it and a time.
async fn post_signed_at(receiver: &Receiver, timestamp: &str, body: &str) -> Reply {
    let signature = hex::encode(sign(SECRET.as_bytes(), timestamp, body.as_bytes()));
    let body = body.to_owned();
    post(receiver, Some(timestamp), Some(&signature), body).await
}

async fn post_signed(receiver: &Receiver, body: &str) -> Reply {
    let timestamp = receiver.clock.now().as_second().to_string();
    post_signed_at(receiver, &timestamp, body).await
}

async fn post(
    receiver: &Receiver,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> Reply {
    let headers: Vec<(&str, &str)> = [
        ("x-browser-use-timestamp", timestamp),
        ("x-browser-use-signature", signature),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    receiver
        .caller()
        .sends(Method::POST, "/webhook", &headers, body)
        .await
}

/// A signature of the right shape that matches nothing.
fn wrong_signature() -> String {
    "0".repeat(64)
}

/// The beginning of a request by hand: the head, and as much of the body as the test sends.
async fn begin(receiver: &Receiver, signature: &str, declared: usize, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(receiver.address())
        .await
        .expect("it listens");
    let head = format!(
        "POST /webhook HTTP/1.1\r\nhost: tidings\r\nconnection: close\r\nx-browser-use-timestamp: 1\r\nx-browser-use-signature: {signature}\r\ncontent-length: {declared}\r\n\r\n{sent}"
    );
    let written = stream.write_all(head.as_bytes()).await;
    written.expect("the receiver reads");
    stream
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = stream.read_to_string(&mut text).await;
    read.expect("it ends in order");
    text
}

#[tokio::test]
async fn a_signed_webhook_is_an_event_and_the_same_again_is_a_duplicate() {
    let receiver = Receiver::start().await;
    assert_snapshot!(post_signed(&receiver, BODY).await.told(), @r#"
    200
    {"status":"success","message":"Webhook received","event_id":"evt_019e5e5c-ca80-87e6-9f0f-852f0442676a","duplicate":false}
    "#);
    assert_snapshot!(post_signed(&receiver, BODY).await.told(), @r#"
    200
    {"status":"success","message":"Webhook received","event_id":"evt_019e5e5c-ca80-87e6-9f0f-852f0442676a","duplicate":true}
    "#);
    let later = receiver.clock.now() + SignedDuration::from_secs(1);
    let again = post_signed_at(&receiver, &later.to_string(), BODY).await;
    assert_eq!(again.json()["duplicate"], true);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_is_refused_is_told_why_and_never_what_would_have_been_right() {
    let receiver = Receiver::start().await;
    let now = receiver.clock.now();
    let seconds = now.as_second().to_string();
    let wrong = wrong_signature();

    assert_snapshot!(post(&receiver, None, None, BODY).await.told(), @r#"
    400
    {"type":"/problems/missing-header","title":"missing header","status":400,"detail":"the header `X-Browser-Use-Timestamp` is missing"}
    "#);
    assert_snapshot!(post(&receiver, Some(&seconds), None, BODY).await.told(), @r#"
    400
    {"type":"/problems/missing-header","title":"missing header","status":400,"detail":"the header `X-Browser-Use-Signature` is missing"}
    "#);
    assert_snapshot!(post(&receiver, Some(&seconds), Some("abc"), BODY).await.told(), @r#"
    403
    {"type":"/problems/signature-mismatch","title":"signature mismatch","status":403,"detail":"the signature is not 64 hexadecimal digits"}
    "#);
    assert_snapshot!(post(&receiver, Some(&seconds), Some(&wrong), BODY).await.told(), @r#"
    403
    {"type":"/problems/signature-mismatch","title":"signature mismatch","status":403,"detail":"the signature matches no secret"}
    "#);
    assert_snapshot!(post_signed(&receiver, "{").await.told(), @r#"
    400
    {"type":"/problems/invalid-json","title":"invalid json","status":400,"detail":"the body is not JSON that can be read here: the body ends too soon, at byte 1"}
    "#);
    assert_snapshot!(post_signed_at(&receiver, "yesterday", BODY).await.told(), @r#"
    403
    {"type":"/problems/unreadable-time","title":"unreadable time","status":403,"detail":"the signature is good, but its time cannot be read"}
    "#);

    let old = (now - SignedDuration::from_hours(73)).to_string();
    assert_snapshot!(post_signed_at(&receiver, &old, BODY).await.told(), @r#"
    403
    {"type":"/problems/too-old","title":"too old","status":403,"detail":"the signature is good, but 3d 1h old: 3d is the limit"}
    "#);
    let ahead = (now + SignedDuration::from_mins(6)).to_string();
    assert_snapshot!(post_signed_at(&receiver, &ahead, BODY).await.told(), @r#"
    403
    {"type":"/problems/in-the-future","title":"in the future","status":403,"detail":"the signature is good, but 6m ahead of our clock: 5m is the limit"}
    "#);

    assert_eq!(
        receiver.caller().finds("/events").await["data"],
        serde_json::json!([])
    );
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_body_is_read_to_its_limit_and_no_further() {
    let receiver = Receiver::configured(|config| config.server.max_body_bytes = 1000).await;

    let declared = post_signed(&receiver, &"x".repeat(1001)).await;
    assert_snapshot!(declared.told(), @r#"
    413
    {"type":"/problems/too-large","title":"too large","status":413,"detail":"the body is larger than 1000 bytes"}
    "#);

    let seconds = receiver.clock.now().as_second().to_string();
    let pieces = (0..1001).map(|_| Ok::<_, Infallible>("x"));
    let pieces = futures_util::stream::iter(pieces);
    let undeclared = reqwest::Body::wrap_stream(pieces);
    let undeclared = post(
        &receiver,
        Some(&seconds),
        Some(&wrong_signature()),
        undeclared,
    )
    .await;
    assert_eq!(undeclared.told(), declared.told());

    let fits = format!(r#""{}""#, "x".repeat(998));
    assert_eq!(post_signed(&receiver, &fits).await.status, 200);

    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_body_that_is_nested_too_deep_costs_nothing_and_is_refused() {
    let receiver = Receiver::start().await;
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_snapshot!(post_signed(&receiver, &deep).await.told(), @r#"
    400
    {"type":"/problems/invalid-json","title":"invalid json","status":400,"detail":"the body is not JSON that can be read here: nested deeper than 128 levels, at byte 128"}
    "#);
    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let receiver = Receiver::configured(|config| {
        config.server.read_timeout = Duration::from_millis(50);
    })
    .await;
    let mut stream = begin(&receiver, &wrong_signature(), 100, "{").await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("/problems/too-slow"), "{answer}");

    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_signature_that_cannot_match_is_refused_before_the_body_is_there() {
    let receiver = Receiver::start().await;
    let mut stream = begin(&receiver, "not-a-signature", 200_000, "").await;
    let answer = answer(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");

    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_are_asked_to_come_again() {
    let receiver = Receiver::configured(|config| config.server.max_concurrent = 1).await;
    let first = begin(&receiver, &wrong_signature(), 100, "").await;
    // The first is in work once its head was read, and nothing tells when that is.
    let busy = loop {
        let reply = post_signed(&receiver, BODY).await;
        if reply.status != 200 {
            break reply;
        }
    };
    assert_snapshot!(busy.told(), @r#"
    503, again after 1 s
    {"type":"/problems/busy","title":"busy","status":503,"detail":"too much is going on: send it again"}
    "#);

    drop(first);
    while post_signed(&receiver, BODY).await.status != 200 {}
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_test_ping_is_let_through_whatever_its_signature_and_is_no_event() {
    let receiver = Receiver::start().await;
    assert_snapshot!(post(&receiver, None, None, PING).await.told(), @r#"
    200
    {"status":"success","message":"Test ping received"}
    "#);
    for (timestamp, signature) in [
        (None, None),
        (Some("1"), None),
        (Some("1"), Some("abc")),
        (Some("1"), Some(&*wrong_signature())),
    ] {
        let answer = post(&receiver, timestamp, signature, PING).await;
        assert_eq!(answer.status, 200, "{signature:?}");
        let answer = post(&receiver, timestamp, signature, r#"{"test": "ok"}"#).await;
        assert_eq!(answer.status, 200, "{signature:?}");
    }
    let caller = receiver.caller();
    assert_eq!(caller.finds("/events").await["data"], serde_json::json!([]));
    assert_eq!(
        caller.finds("/rejections").await["data"],
        serde_json::json!([])
    );
    let endpoint = &caller.finds("/endpoints").await["data"][0];
    assert_eq!(endpoint["last_ping_at"], "2026-05-25T09:00:00.000000Z");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_last_ping_is_known_after_a_restart_to_the_minute() {
    let mut receiver = Receiver::start().await;
    for seconds in [0, 30, 29] {
        receiver.clock.advance(SignedDuration::from_secs(seconds));
        assert_eq!(post(&receiver, None, None, PING).await.status, 200);
    }
    receiver = receiver.restart().await;
    let endpoint = &receiver.caller().finds("/endpoints").await["data"][0];
    assert_eq!(endpoint["last_ping_at"], "2026-05-25T09:00:00.000000Z");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_test_ping_with_a_good_signature_is_an_event_that_goes_nowhere() {
    let receiver = Receiver::start().await;
    let canonical = r#"{"payload":{"test":"ok"},"timestamp":"2024-03-21T12:00:00Z","type":"test"}"#;
    assert_eq!(
        post_signed(&receiver, canonical).await.json()["duplicate"],
        false
    );

    let caller = receiver.caller();
    let event = &caller.finds("/events?type=test").await["data"][0];
    assert_eq!(event["type"], "test");
    let endpoint = &caller.finds("/endpoints").await["data"][0];
    assert_eq!(endpoint["last_ping_at"], "2026-05-25T09:00:00.000000Z");
    let none = serde_json::json!({"pending": 0, "delivered": 0, "dead": 0, "discarded": 0});
    assert_eq!(event["deliveries"], none);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_receiver_can_be_told_to_let_no_ping_through() {
    let receiver = Receiver::configured(|config| {
        config.endpoints[0].accept_unsigned_test = false;
    })
    .await;
    assert_eq!(
        post(&receiver, None, None, PING).await.slug(),
        "missing-header"
    );
    let mismatch = post(&receiver, Some("1"), Some(&wrong_signature()), PING).await;
    assert_eq!(mismatch.slug(), "signature-mismatch");

    receiver.log.expects("Refused a request");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_receiver_without_a_secret_waits_for_one_and_refuses_nothing_for_good() {
    let mut receiver = Receiver::configured(|config| config.endpoints[0].secrets.clear()).await;
    let caller = receiver.caller();
    assert_snapshot!(caller.gets("/readyz").await.told(), @r#"
    200
    {"status":"ok","waiting_for":"secret"}
    "#);
    assert_eq!(post(&receiver, None, None, PING).await.status, 200);
    assert_snapshot!(post_signed(&receiver, BODY).await.told(), @r#"
    503, again after 30 s
    {"type":"/problems/waiting-for-secret","title":"waiting for secret","status":503,"detail":"the secret of this webhook is not known here yet: send it again"}
    "#);
    assert_eq!(post(&receiver, None, None, BODY).await.status, 503);

    let secret = serde_json::json!({"secret": SECRET});
    let given = caller
        .calls(Method::PUT, "/api/v1/endpoints/default/secret", &secret)
        .await;
    assert_eq!(given.status, 204);

    assert_snapshot!(caller.gets("/readyz").await.told(), @r#"
    200
    {"status":"ok"}
    "#);
    assert_eq!(
        post_signed(&receiver, BODY).await.json()["duplicate"],
        false
    );
    receiver = receiver.restart().await;
    assert_eq!(post_signed(&receiver, BODY).await.json()["duplicate"], true);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged() {
    let receiver = Receiver::start().await;
    receiver.store().close().await.expect("it closes");
    assert_snapshot!(post_signed(&receiver, BODY).await.told(), @r#"
    503, again after 5 s
    {"type":"/problems/unavailable","title":"unavailable","status":503,"detail":"it cannot be stored now: send it again"}
    "#);
    assert_eq!(receiver.caller().gets("/readyz").await.slug(), "not-ready");
    receiver.log.expects("Cannot store events");
    receiver.log.expects("Not ready");
}
