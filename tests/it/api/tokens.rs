//! Tokens and secrets: how they are given, and that they are not shown.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::caller::Reply;
use crate::harness::receiver::Receiver;

async fn create(receiver: &Receiver, body: &Value) -> Reply {
    let caller = receiver.caller();
    caller.calls(Method::POST, "/api/v1/tokens", body).await
}

#[tokio::test]
async fn a_token_is_shown_once() {
    let receiver = Receiver::start().await;
    let body = json!({"scope": "operate", "name": "deploys", "expires_in": "90d"});
    let made = create(&receiver, &body).await;
    let mut shown = made.json();
    let token = shown["token"].take();
    let token = token.as_str().expect("a token");
    assert!(token.starts_with("tidings_"), "{token}");
    assert_eq!(shown["scope"], "operate");
    assert_eq!(shown["name"], "deploys");
    assert_eq!(shown["created_at"], "2026-05-25T09:00:00.000000Z");
    assert_eq!(shown["expires_at"], "2026-08-23T09:00:00.000000Z");

    let listed = receiver.caller().finds("/tokens").await;
    assert_eq!(listed["data"][0]["id"], shown["id"]);
    assert!(!listed.to_string().contains(token));
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_cannot_be_made_is_refused_by_name() {
    let receiver = Receiver::start().await;
    let told = async |body: Value| create(&receiver, &body).await.told();

    assert_snapshot!(told(json!({"scope": "root"})).await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`scope` does not read: `root` is not a scope: read, operate, admin"}
    "#);
    assert_snapshot!(told(json!({"scope": "read", "expires_in": "soon"})).await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`expires_in` does not read: \"soon\" is no length of time (expected number at 0): write it like \"90s\", \"5m\", \"3d\""}
    "#);
    assert_snapshot!(told(json!({"scope": "read", "expires_in": "0s"})).await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`expires_in` is nothing, or beyond the year 9999"}
    "#);
    assert_snapshot!(told(json!({"scope": "read", "forever": true})).await, @r#"
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: forever: unknown field `forever`, expected one of `scope`, `name`, `expires_in` at line 1 column 10"}
    "#);
    assert_snapshot!(told(json!({})).await, @r#"
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: missing field `scope` at line 1 column 2"}
    "#);
    assert_snapshot!(told(json!("read")).await, @r#"
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: invalid type: string \"read\", expected an object at line 1 column 6"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let receiver = Receiver::start().await;
    let body = json!({"scope": "x".repeat(100_000)});
    assert_snapshot!(create(&receiver, &body).await.told(), @r#"
    413
    {"type":"/problems/too-large","title":"too large","status":413,"detail":"the body is larger than 65536 bytes"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_secret_that_was_pasted_with_more_is_refused() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let path = "/api/v1/endpoints/default/secret";
    for secret in ["", "s1\n", " s1", "\"s1\"", "'s1'"] {
        let body = json!({ "secret": secret });
        let reply = caller.calls(Method::PUT, path, &body).await;
        assert_eq!(reply.slug(), "invalid-parameter", "{secret:?}");
        assert!(!reply.text().contains("s1"), "{secret:?}");
    }
    let elsewhere = "/api/v1/endpoints/other/secret";
    let body = json!({"secret": "s1"});
    let reply = caller.calls(Method::PUT, elsewhere, &body).await;
    assert_eq!(reply.slug(), "not-found");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_secret_is_named_and_never_shown() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let path = "/api/v1/endpoints/default/secret";
    let body = json!({"secret": "a new one", "name": "2026-12"});
    assert_eq!(caller.calls(Method::PUT, path, &body).await.status, 204);

    assert_snapshot!(caller.finds("/endpoints").await, @r##"{"data":[{"last_ping_at":null,"name":"default","secrets":["2026-12","#1"]}],"next_cursor":null}"##);
    let old = &receiver.cloud;
    old.reports("task_1", "started").await.accepted();
    let new = old.signs_with("a new one");
    let event = new.reports("task_1", "finished").await.accepted();
    let event = caller.finds(&format!("/events/{event}")).await;
    assert_eq!(event["signature"]["secret"], "2026-12");
    receiver.stop_cleanly().await;
}
