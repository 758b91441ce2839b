//! Links to files in what sinks are sent: who has one needs no token, for a while.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;
use tidings::config::Config;

use crate::harness::caller::Caller;
use crate::harness::linked::Linked;

/// A key that may do everything, and one version of the API to ask.
const KEY: &str = "api_key = \"a key\"\nversions = [\"v2\"]";

/// What a test does to a configuration.
type Change = fn(&mut Config);

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Has a task end, and returns its id and the link that the sink was sent.
async fn sent(linked: &Linked) -> (String, String) {
    let made = linked.cloud.post("v2/tasks", json!({ "task": "t" })).await;
    let id = made.is(202)["id"].as_str().expect("an id").to_owned();
    linked.passes(11).await;
    linked.receiver.enrich_and_dispatch().await;
    let got = linked.receiver.sink.got();
    let end = &got.last().expect("it ended").event;
    let url = end["task"]["files"][0]["url"].as_str().expect("a link");
    (id, url.to_owned())
}

/// Somebody who was sent a link, and has no token.
fn stranger(linked: &Linked) -> Caller {
    linked.receiver.caller().with(None)
}

#[tokio::test]
async fn whoever_was_sent_a_link_has_the_file_for_a_week_also_after_a_restart() {
    let linked = Linked::with_sink("enrich = \"task\"", KEY).await;
    let (id, link) = sent(&linked).await;
    let bare = format!("/api/v1/tasks/{id}/output-files/result.txt?download=true");
    assert!(link.starts_with(&format!("{bare}&expires=")), "{link}");
    assert_eq!(stranger(&linked).gets(&bare).await.status, 401);

    let file = stranger(&linked).gets(&link).await;
    assert_eq!(
        (file.status, file.text()),
        (200, "What came of: t\n".into())
    );
    let linked = linked.down_for(1).await;
    assert_eq!(stranger(&linked).gets(&link).await.status, 200);

    linked.cloud.clock.advance(WEEK);
    let ended = stranger(&linked).gets(&link).await;
    assert_snapshot!(ended.told(), @r#"
    403
    {"type":"/problems/link-ended","title":"link ended","status":403,"detail":"this link was good until 2026-06-01T09:00:11Z: ask whoever sent it, or send a token of scope `read` with the same address, as in `Authorization: Bearer <token>`"}
    "#);
    let reader = linked.receiver.caller().gets(&link).await;
    assert_eq!(reader.status, 200, "who may read needs no link");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_link_that_was_changed_anywhere_opens_nothing() {
    let linked = Linked::with_sink("enrich = \"task\"", KEY).await;
    let (id, link) = sent(&linked).await;
    let (other, _) = sent(&linked).await;
    let (rest, proof) = link.split_once("&grant=").expect("a grant");
    let (bare, _) = rest.split_once("&expires=").expect("a time");
    let last = proof.chars().next_back().expect("a proof");
    let flipped: String = proof.chars().rev().collect();
    for (part, changed) in [
        ("the task", link.replace(&id, &other)),
        ("the name", link.replace("result.txt", "other.txt")),
        ("the time", link.replace("expires=1", "expires=2")),
        ("no time", format!("{bare}&grant={proof}")),
        ("the proof", link.replace(proof, &flipped)),
        (
            "a part of the proof",
            link.strip_suffix(last).expect("a proof").to_owned(),
        ),
        ("no proof", rest.to_owned()),
    ] {
        assert_ne!(changed, link, "{part}");
        let reply = stranger(&linked).gets(&changed).await;
        assert_eq!((reply.status, &*reply.slug()), (403, "bad-link"), "{part}");
    }
    let forged = stranger(&linked).gets(&link.replace(proof, &flipped)).await;
    assert_snapshot!(forged.json()["detail"], @r#""this link is not as it was sent, or this server gives none: ask whoever sent it, or send a token of scope `read` with the same address, as in `Authorization: Bearer <token>`""#);

    let (_, query) = link.split_once('?').expect("a query");
    for path in ["", "/status", "/screenshots", "/timeline"] {
        let path = format!("/api/v1/tasks/{id}{path}?{query}");
        assert_eq!(stranger(&linked).gets(&path).await.status, 401, "{path}");
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_link_begins_where_the_api_is_reached_and_not_where_only_webhooks_are() {
    let public = |config: &mut Config| {
        config.server.public_url = "https://hooks.test/in/".parse().ok();
    };
    let apart = |config: &mut Config| {
        config.server.public_url = "https://hooks.test".parse().ok();
        config.server.admin_listen = "127.0.0.1:0".parse().ok();
    };
    let named = |config: &mut Config| {
        config.server.public_url = "https://hooks.test".parse().ok();
        config.server.admin_url = "https://tidings.test".parse().ok();
    };
    for (change, beginning) in [
        (public as Change, "https://hooks.test/in/api/v1/"),
        (apart, "/api/v1/"),
        (named, "https://tidings.test/api/v1/"),
    ] {
        let linked = Linked::changed("enrich = \"task\"", KEY, change).await;
        let (_, link) = sent(&linked).await;
        assert!(link.starts_with(beginning), "{link}");
        linked.receiver.stop_cleanly().await;
    }
}

#[tokio::test]
async fn without_links_a_token_opens_the_file_and_no_link_that_was_sent_before() {
    let linked = Linked::with_sink("enrich = \"task\"", KEY).await;
    let (_, link) = sent(&linked).await;
    let off = |config: &mut Config| config.cloud.link_valid_for = std::time::Duration::ZERO;
    let linked = linked.changed_to(off).await;
    assert_eq!(stranger(&linked).gets(&link).await.slug(), "bad-link");
    let (id, link) = sent(&linked).await;
    let bare = format!("/api/v1/tasks/{id}/output-files/result.txt?download=true");
    assert_eq!(link, bare);
    assert_eq!(linked.receiver.caller().gets(&link).await.status, 200);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_link_is_settled_with_what_is_sent_and_stays_the_same() {
    let linked = Linked::with_sink("enrich = \"task\"", KEY).await;
    let (_, link) = sent(&linked).await;
    let event = linked.receiver.sink.got().pop().expect("it ended");
    linked.cloud.clock.advance(WEEK);
    linked.receiver.replay(&event.id).await;
    linked.receiver.dispatch_all().await;
    let again: Value = linked.receiver.sink.got().pop().expect("again").event;
    assert_eq!(again["task"]["files"][0]["url"], *link);
    linked.receiver.stop_cleanly().await;
}
