//! Tasks that are started through the gateway.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use super::gets;
use super::posts;
use crate::harness::linked::Linked;

/// What is known of a task and who said so, as the API tells.
async fn told(linked: &Linked, id: &str) -> String {
    let caller = linked.receiver.caller();
    let task = caller.finds(&format!("/tasks/{id}")).await;
    let timeline = caller.finds(&format!("/tasks/{id}/timeline")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let session = match &task["session_id"] {
        Value::Null => "no session",
        _ => "a session",
    };
    let (state, api, instruction) = (&task["state"], &task["api"], &task["task"]);
    let known = [state, api, instruction].map(text).join(", ");
    let mut told = format!("{known}, {}, {session}", task["metadata"]);
    for line in timeline["data"].as_array().unwrap() {
        let (source, status) = (text(&line["source"]), text(&line["status"]));
        write!(told, "\n{source}: {status}").unwrap();
    }
    told
}

/// Starts a task in this way, and returns its id.
async fn starts(linked: &Linked, path: &str) -> String {
    let body = r#"{"task":"Find milk","metadata":{"team":"tests"}}"#;
    let reply = posts(&linked.receiver, path, body).await;
    assert!(reply.status < 300, "{}", reply.text());
    reply.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_task_is_known_before_its_first_webhook() {
    let linked = Linked::start().await;
    linked.cloud.misbehaves(json!({ "lost": 1 })).await;
    let v1 = starts(&linked, "/v1/run-task").await;
    let v2 = starts(&linked, "/v2/tasks").await;
    assert_snapshot!(told(&linked, &v1).await, @r#"
    created, v1, Find milk, {"team":"tests"}, no session
    gateway: created
    "#);
    assert_snapshot!(told(&linked, &v2).await, @r#"
    created, v2, Find milk, {"team":"tests"}, a session
    gateway: created
    "#);

    linked.cloud.misbehaves(json!({})).await;
    linked.passes(10).await;
    assert_snapshot!(told(&linked, &v1).await, @r#"
    finished, v1, Find milk, {"team":"tests"}, a session
    gateway: created
    webhook: started
    webhook: finished
    "#);
    assert_snapshot!(told(&linked, &v2).await, @r#"
    finished, v2, Find milk, {"team":"tests"}, a session
    gateway: created
    webhook: started
    webhook: finished
    "#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_did_not_start_a_task_makes_none_known() {
    let linked = Linked::with(r#"api_key = "no-balance""#).await;
    let refused = posts(&linked.receiver, "/v2/tasks", r#"{"task":"Find milk"}"#).await;
    assert_eq!(refused.status, 402);
    gets(&linked.receiver, "/v2/tasks").await;
    let known = linked.receiver.caller().finds("/tasks").await;
    assert_eq!(known["data"].as_array().unwrap().len(), 0, "{known}");
    linked.receiver.stop_cleanly().await;
}
