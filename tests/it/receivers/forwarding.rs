//! Receivers that were written for Browser Use stand behind Tidings unchanged.

use jiff::SignedDuration;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::ManualClock;
use tidings::config::Config;
use tidings::keyring::Keyring;
use tidings::name::EndpointName;
use tidings::secret::NamedSecret;
use tidings::sinks::Rendering;
use tidings::sinks::Tools;

use super::webhook::Got;
use super::webhook::Webhook;
use crate::harness::cloud;
use crate::harness::cloud::SECRET;
use crate::harness::events;
use crate::harness::linked::Linked;
use crate::harness::receiver::Receiver;
use crate::harness::simulated::Simulated;
use crate::harness::sinks;

/// A body that is not in canonical form, and says what Python spells otherwise than JavaScript.
const ODD: &str = r#"{ "type": "agent.task.status_update", "timestamp": "2026-05-25T08:59:58Z",
    "payload": { "task_id": "t-1", "status": "started", "city": "München", "😀": [1E5, 1.10, -0],
                 "a": 1, "a": "\ud800" } }"#;

/// A receiver with the key of a cloud, and behind it, beside the usual sink, these receivers.
async fn linked(behind: &[(&str, &str, &Webhook)]) -> Linked {
    let sinks: Vec<String> = behind
        .iter()
        .map(|(name, forward, webhook)| {
            let url = &webhook.url;
            format!(
                "[[sink]]\nname = \"{name}\"\ntype = \"http\"\nurl = \"{url}\"\n\
                 allow_private = true\nforward = \"{forward}\"\n"
            )
        })
        .collect();
    let linked = Linked::looking_at_with(Simulated::start().await, &sinks.concat()).await;
    linked.receiver.looks().await;
    linked
}

/// The next so many requests that a receiver tells of, all of which it took.
async fn took(webhook: &Webhook, count: usize) -> Vec<Got> {
    let mut took = Vec::new();
    for _ in 0..count {
        let got = webhook.got().await;
        assert_eq!(got.status, 200, "{got:?}");
        took.push(got);
    }
    took
}

/// How many events there are of an origin.
async fn events_of(linked: &Linked, origin: &str) -> usize {
    let caller = linked.receiver.caller();
    let path = format!("/events?type=agent.task.status_update&origin={origin}");
    let found = caller.finds(&path).await;
    found["data"].as_array().expect("a list").len()
}

/// Lets one task live with its webhooks, and then one whose webhooks are lost.
async fn two_tasks_live(linked: &Linked) {
    linked.cloud.run_task("Find milk").await;
    linked.passes(12).await;
    linked.cloud.misbehaves(json!({ "lost": 1.0 })).await;
    linked.cloud.run_task("Find bread").await;
    linked.passes(12).await;
    linked.receiver.looks().await;
    linked.cloud.clock.advance(SignedDuration::from_secs(121));
    linked.receiver.looks().await;
}

/// Posts a body whose bytes were signed as they are.
async fn posts_raw(receiver: &Receiver, body: &str) -> String {
    let timestamp = receiver.clock.now().as_second().to_string();
    let signature = cloud::sign(SECRET, &timestamp, body);
    let answer = receiver.cloud.posts_signed(body, &timestamp, &signature);
    answer.await.accepted()
}

fn now(clock: &ManualClock) -> String {
    clock.now().as_second().to_string()
}

#[tokio::test]
async fn whatever_is_forwarded_signed_is_taken_by_a_receiver_that_was_written_for_the_vendor() {
    let mut documented = Webhook::as_documented().await;
    let mut strict = Webhook::that_insists_on_fresh_signatures().await;
    let linked = linked(&[
        ("documented", "signed", &documented),
        ("strict", "signed", &strict),
    ])
    .await;
    let receiver = &linked.receiver;

    // What came, and what was told otherwise.
    two_tasks_live(&linked).await;
    let odd = posts_raw(receiver, ODD).await;
    let (came, told) = (
        events_of(&linked, "webhook").await,
        events_of(&linked, "reconcile").await,
    );
    assert!(came > 2 && told > 0, "{came} came, {told} were told");
    strict.lives_at(receiver.clock.now()).await;
    receiver.dispatch_all().await;
    for webhook in [&documented, &strict] {
        took(webhook, came + told).await;
    }

    // What a receiver does not take at once.
    let begun = now(&receiver.clock);
    for webhook in [&mut documented, &mut strict] {
        webhook.answers(503).await;
    }
    receiver.log.expects("did not take event");
    let late = receiver.hears("t-2", "started").await;
    receiver.dispatch_all().await;
    for webhook in [&mut documented, &mut strict] {
        let got = webhook.got().await;
        assert_eq!((got.status, &got.timestamp), (503, &begun), "{got:?}");
        webhook.answers(200).await;
    }
    receiver.clock.advance(SignedDuration::from_hours(2));
    strict.lives_at(receiver.clock.now()).await;
    receiver.dispatch_all().await;
    for webhook in [&documented, &strict] {
        let got = took(webhook, 1).await.remove(0);
        assert_eq!((&got.id, &got.replay), (&late, &None));
        assert_eq!(got.timestamp, now(&receiver.clock));
    }

    // What somebody asks for once more, long afterwards.
    receiver.clock.advance(SignedDuration::from_hours(24 * 30));
    strict.lives_at(receiver.clock.now()).await;
    let path = format!("/api/v1/events/{odd}/replay");
    let sinks = json!({ "sinks": ["documented", "strict"] });
    let replayed = receiver.caller().calls(Method::POST, &path, &sinks).await;
    assert_eq!(replayed.status, 202, "{}", replayed.text());
    receiver.dispatch_all().await;
    for webhook in [&documented, &strict] {
        let got = took(webhook, 1).await.remove(0);
        assert_eq!((got.id, got.replay.as_deref()), (odd.clone(), Some("true")));
        assert_eq!(got.timestamp, now(&receiver.clock));
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_is_forwarded_verbatim_is_as_old_as_it_is() {
    let mut strict = Webhook::that_insists_on_fresh_signatures().await;
    let linked = linked(&[("strict", "verbatim", &strict)]).await;
    let receiver = &linked.receiver;
    let signed_at = now(&receiver.clock);
    receiver.hears("t-1", "started").await;

    strict.lives_at(receiver.clock.now()).await;
    strict.answers(503).await;
    receiver.dispatch_all().await;
    assert_eq!(strict.got().await.status, 503);
    receiver.clock.advance(SignedDuration::from_secs(301));
    strict.lives_at(receiver.clock.now()).await;
    strict.answers(200).await;
    receiver.dispatch_all().await;

    let got = strict.got().await;
    assert_eq!((got.status, got.timestamp), (403, signed_at));
    assert_eq!(got.detail, "it was signed too long ago");
    receiver.log.expects("did not take event");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_came_is_forwarded_verbatim_byte_for_byte_and_what_never_came_is_not() {
    let linked = Linked::with_sink("forward = \"verbatim\"", r#"api_key = "a key""#).await;
    let receiver = &linked.receiver;
    receiver.looks().await;
    let timestamp = now(&receiver.clock);
    let odd = posts_raw(receiver, ODD).await;
    two_tasks_live(&linked).await;
    receiver.dispatch_all().await;

    let got = receiver.sink.got();
    assert_eq!(got.len(), events_of(&linked, "webhook").await);
    assert_eq!(events_of(&linked, "reconcile").await, 1);
    assert_eq!(got[0].body, ODD.as_bytes());
    let signature = cloud::sign(SECRET, &timestamp, ODD);
    for (name, value) in [
        ("x-browser-use-timestamp", timestamp.as_str()),
        ("x-browser-use-signature", &signature),
        ("content-type", "application/json"),
        ("webhook-id", &odd),
        ("idempotency-key", &odd),
    ] {
        assert_eq!(got[0].header(name), Some(value), "{name}");
    }

    // Not even by name.
    let caller = receiver.caller();
    let told = caller.finds("/events?origin=reconcile").await;
    let told = told["data"][0]["id"].as_str().expect("an id");
    receiver.replay(told).await;
    receiver.replay(&odd).await;
    receiver.dispatch_all().await;

    let path = format!("/events/{told}/deliveries");
    let deliveries = caller.finds(&path).await;
    let stands = |key: &str| deliveries["data"][0][key].clone();
    assert_eq!(deliveries["data"].as_array().expect("a list").len(), 1);
    assert_eq!(stands("state"), "discarded");
    assert_eq!(stands("reason"), "not received");
    assert_eq!(stands("attempts"), 0);
    let got = receiver.sink.got();
    let replay = got.last().expect("it was sent");
    assert_eq!(replay.body, ODD.as_bytes());
    assert_eq!(replay.header("tidings-replay"), Some("true"));
    assert_eq!(
        replay.header("x-browser-use-signature"),
        Some(signature.as_str())
    );

    let tested = tests_the_sink(receiver).await;
    assert_eq!(tested["outcome"], "refused");
    assert_eq!(
        tested["error"],
        "cannot be sent: it did not come by webhook, and `forward = \"verbatim\"` hands on only what did"
    );
    linked.receiver.stop_cleanly().await;
}

#[test]
fn what_would_be_forwarded_is_shown_with_its_body_and_without_its_signature() {
    let secret = NamedSecret {
        name: "2026-05".into(),
        secret: SECRET.into(),
    };
    let tools = Tools {
        keyring: Keyring::new([(EndpointName::default(), vec![secret])]),
        ..sinks::tools()
    };
    let settings = json!({ "url": "http://127.0.0.1/webhook", "forward": "signed" });
    let sink = sinks::build("http", &settings, &tools).expect("it is right");

    let rendering = sink.render(&events::outbound(ODD, Timestamp::UNIX_EPOCH));

    let rendering = rendering.expect("there is a secret");
    let Rendering::Request { headers, body, .. } = &rendering else {
        panic!("{rendering:?} is no request");
    };
    assert_eq!(body, ODD);
    assert_eq!(headers["x-browser-use-timestamp"], "0");
    assert_eq!(headers["x-browser-use-signature"], "[secret]");
}

/// Has the sink tried out, and says how that went.
async fn tests_the_sink(receiver: &Receiver) -> Value {
    let path = "/api/v1/sinks/backend/test";
    let caller = receiver.caller();
    caller.calls(Method::POST, path, &json!({})).await.json()
}

/// What the sink was sent last is signed with this secret.
fn is_signed_with(receiver: &Receiver, secret: &str) {
    let got = receiver.sink.got();
    let last = got.last().expect("it got something");
    let timestamp = last.header("x-browser-use-timestamp").expect("a time");
    // What Tidings tells itself is in canonical form.
    let body = String::from_utf8(last.body.clone()).expect("text");
    let signature = cloud::sign(secret, timestamp, &body);
    assert_eq!(
        last.header("x-browser-use-signature"),
        Some(signature.as_str())
    );
}

/// Gives the endpoint a secret, as `tidings secret set` does.
async fn gives(receiver: &Receiver, name: &str, secret: &str) {
    let path = "/api/v1/endpoints/default/secret";
    let body = json!({ "name": name, "secret": secret });
    let reply = receiver.caller().calls(Method::PUT, path, &body).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

#[tokio::test]
async fn what_is_forwarded_is_signed_with_the_newest_secret_that_the_endpoint_has_by_then() {
    let mut receiver = Receiver::with("forward = \"signed\"").await;
    receiver.change(|config: &mut Config| config.endpoints[0].secrets.clear());
    let receiver = receiver.restart().await;
    let tested = tests_the_sink(&receiver).await;
    assert_eq!(tested["outcome"], "failed");
    assert_eq!(
        tested["error"],
        "there is no secret to sign it with: give endpoint `default` its own, with `tidings secret \
         set --endpoint default`"
    );

    gives(&receiver, "2026-04", "the first").await;
    assert_eq!(tests_the_sink(&receiver).await["outcome"], "delivered");
    is_signed_with(&receiver, "the first");
    receiver.clock.advance(SignedDuration::from_secs(1));
    gives(&receiver, "2026-05", "the second").await;
    tests_the_sink(&receiver).await;
    is_signed_with(&receiver, "the second");

    let mut receiver = receiver.restart().await;
    tests_the_sink(&receiver).await;
    is_signed_with(&receiver, "the second");

    // What was given to it counts before what its configuration has.
    receiver.change(|config: &mut Config| {
        config.endpoints[0].secrets = vec![NamedSecret {
            name: "2026-03".into(),
            secret: "configured".into(),
        }];
    });
    let receiver = receiver.restart().await;
    tests_the_sink(&receiver).await;
    is_signed_with(&receiver, "the second");
    receiver.stop_cleanly().await;
}
