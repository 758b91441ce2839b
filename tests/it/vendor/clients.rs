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

/// Runs a script, `client` or `looks`, with the Python clients.
fn python(script: &str) -> Command {
    let mut command = Command::new(installed("clients/python/bin/python"));
    command.arg(format!("tests/vendor/{script}.py"));
    command
}

/// The same with the JavaScript clients.
fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command
        .arg(format!("tests/vendor/{script}.js"))
        .env("NODE_PATH", installed("clients/node/node_modules"));
    command
}

/// What a script tells that calls through a receiver with this token, below this path.
async fn told(mut script: Command, linked: &Linked, path: &str, token: &str) -> Value {
    let base = format!("http://{}{path}", linked.receiver.address());
    let output = script
        .env("BASE_URL", base)
        .env("BROWSER_USE_API_KEY", token)
        .output()
        .await
        .expect("scripts/test installs what this starts");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("a line of JSON")
}

async fn lets_a_task_live(client: Command) {
    let linked = Linked::start().await;
    let told = told(client, &linked, "/cloud/api/v2", TOKEN).await;
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
async fn shows_a_refusal(client: Command) -> String {
    let linked = Linked::start().await;
    let administrator = linked.receiver.caller();
    let token = administrator.makes_token(Scope::Read, None).await;
    let told = told(client, &linked, "/cloud/api/v2", &token).await;
    linked.receiver.stop_cleanly().await;
    format!("{}: {}", told["refused"], told["said"])
}

/// Looks with a token that may do nothing else.
async fn looks_at_sessions_and_runs(script: Command) {
    let linked = Linked::start().await;
    let task = json!({ "task": "Find milk" });
    let session = linked.cloud.post("v3/sessions", task.clone()).await.is(200);
    let run = linked.cloud.post("v4/runs", task).await.is(200);
    linked.passes(12).await;
    let administrator = linked.receiver.caller();
    let token = administrator.makes_token(Scope::Read, None).await;

    let told = told(script, &linked, "/cloud/api", &token).await;

    assert_eq!(told["session"]["id"], session["id"]);
    assert_eq!(told["session"]["output"], "Done: Find milk");
    assert_eq!(told["run"]["id"], run["id"]);
    assert_eq!(told["run"]["result"], "Done: Find milk");
    assert_eq!(told["status"]["status"], "completed");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_python_client_lets_a_task_live() {
    lets_a_task_live(python("client")).await;
}

#[tokio::test]
async fn the_npm_client_lets_a_task_live() {
    lets_a_task_live(node("client")).await;
}

#[tokio::test]
async fn the_python_clients_of_v3_and_v4_look_at_what_there_is() {
    looks_at_sessions_and_runs(python("looks")).await;
}

#[tokio::test]
async fn the_npm_clients_of_v3_and_v4_look_at_what_there_is() {
    looks_at_sessions_and_runs(node("looks")).await;
}

#[tokio::test]
async fn the_python_client_shows_what_we_refuse() {
    assert_snapshot!(shows_a_refusal(python("client")).await, @r#"403: "this needs a token of scope `operate`, and yours has `read`""#);
}

#[tokio::test]
async fn the_npm_client_shows_what_we_refuse() {
    assert_snapshot!(shows_a_refusal(node("client")).await, @r#"403: "this needs a token of scope `operate`, and yours has `read`""#);
}
