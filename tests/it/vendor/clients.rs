//! The vendor's newest clients through the gateway to the simulated cloud, told an address and a
//! token and nothing else.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::access::Scope;
use tokio::process::Command;

use super::installed;
use crate::harness::home::TOKEN;
use crate::harness::linked::Linked;

fn python() -> Command {
    let mut command = Command::new(installed("clients/python/bin/python"));
    command.arg("tests/vendor/client.py");
    command
}

fn node() -> Command {
    let mut command = Command::new("node");
    command
        .arg("tests/vendor/client.js")
        .env("NODE_PATH", installed("clients/node/node_modules"));
    command
}

/// What a client tells that calls through a receiver with this token.
async fn told(mut client: Command, linked: &Linked, token: &str) -> Value {
    let base = format!("http://{}/cloud/api/v2", linked.receiver.address());
    let output = client
        .env("BASE_URL", base)
        .env("BROWSER_USE_API_KEY", token)
        .output()
        .await
        .expect("scripts/test installs what this starts");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a line of JSON")
}

async fn lets_a_task_live(client: fn() -> Command) {
    let linked = Linked::start().await;
    let told = told(client(), &linked, TOKEN).await;
    let id = told["create"]["id"].as_str().expect("it was created");
    assert_eq!(told["get"]["id"], id);
    assert_eq!(told["get"]["metadata"], json!({ "team": "tests" }));
    assert_eq!(told["status"]["status"], "created");
    assert_eq!(told["list"]["items"][0]["id"], id);
    assert_eq!(told["stop"]["status"], "stopped");

    let known = linked
        .receiver
        .caller()
        .finds(&format!("/tasks/{id}"))
        .await;
    assert_eq!(known["session_id"], told["create"]["sessionId"]);
    let cloud = linked.cloud.get(&format!("v2/tasks/{id}/status")).await;
    assert_eq!(cloud.is(200)["status"], "stopped");
    linked.receiver.stop_cleanly().await;
}

/// Says what a client makes of it that its token reaches no further than to read.
async fn shows_a_refusal(client: fn() -> Command) -> String {
    let linked = Linked::start().await;
    let administrator = linked.receiver.caller();
    let token = administrator.makes_token(Scope::Read, None).await;
    let told = told(client(), &linked, &token).await;
    linked.receiver.stop_cleanly().await;
    format!("{}: {}", told["refused"], told["said"])
}

#[tokio::test]
async fn the_python_client_lets_a_task_live() {
    lets_a_task_live(python).await;
}

#[tokio::test]
async fn the_npm_client_lets_a_task_live() {
    lets_a_task_live(node).await;
}

#[tokio::test]
async fn the_python_client_shows_what_we_refuse() {
    assert_snapshot!(shows_a_refusal(python).await, @r#"403: "this needs a token of scope `operate`, and yours has `read`""#);
}

#[tokio::test]
async fn the_npm_client_shows_what_we_refuse() {
    assert_snapshot!(shows_a_refusal(node).await, @r#"403: "this needs a token of scope `operate`, and yours has `read`""#);
}
