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

#[tokio::test]
async fn all_that_can_go_wrong_can_be_asked_for_at_the_start() {
    let folder = Folder::new();
    let asked = [
        ("latency", "20ms", json!("20ms")),
        ("too-many-requests", "0.25", json!(0.25)),
        ("retry-after", "7", json!(7)),
        ("server-errors", "0.125", json!(0.125)),
        ("output-lag", "5s", json!("5s")),
        ("not-yet", "3s", json!("3s")),
        ("lost", "1", json!(1.0)),
        ("duplicate", "0.5", json!(0.5)),
        ("reordered", "0.75", json!(0.75)),
    ];
    let mut command = folder.command(&["simulate", "--listen", "127.0.0.1:0"]);
    let mut expected = json!({ "next": [] });
    for (flag, value, told) in asked {
        command.args([format!("--{flag}"), value.to_owned()]);
        expected[flag.replace('-', "_")] = told;
    }
    let program = Program::run(command);

    let url = format!("{}/simulator/mischief", program.url);
    let answer = client().get(url).send().await.unwrap();

    assert_eq!(answer.json::<Value>().await.unwrap(), expected);
    program.stop();
}

#[test]
fn a_webhook_needs_its_secret() {
    let folder = Folder::new();
    let ended = folder.run(&["simulate", "--webhook", "http://127.0.0.1:1"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--secret"), "{ended:?}");
}
