//! `tidings simulate`, as people start it.

use serde_json::Value;
use serde_json::json;

use crate::harness::cloud::client;
use crate::harness::folder::Folder;
use crate::harness::program::Program;
use crate::harness::sink::FakeSink;

#[tokio::test]
async fn the_command_serves_the_api_and_tells_what_happens() {
    let sink = FakeSink::start().await;
    let folder = Folder::new();
    let url = sink.url();
    let arguments = [
        "simulate",
        "--listen",
        "127.0.0.1:0",
        "--pace",
        "10ms",
        "--webhook",
        &url,
        "--secret",
        "s",
    ];
    let program = Program::run(folder.command(&arguments));
    program.until_it_says("was answered with 200");
    let request = client()
        .post(format!("{}/api/v1/run-task", program.url))
        .bearer_auth("key")
        .json(&json!({ "task": "t" }));
    let made: Value = request.send().await.unwrap().json().await.unwrap();
    sink.until(|got| got.len() == 4).await;
    let got = sink.got();
    assert_eq!(got[3].event["payload"]["task_id"], made["id"]);
    assert_eq!(got[3].event["payload"]["status"], "finished");
    program.stop();
}

#[test]
fn a_webhook_needs_its_secret() {
    let folder = Folder::new();
    let ended = folder.run(&["simulate", "--webhook", "http://127.0.0.1:1"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--secret"), "{ended:?}");
}
