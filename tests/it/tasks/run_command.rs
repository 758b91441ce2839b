//! `tidings tasks run`, from the command through the server to a simulated cloud and back.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use crate::harness::folder::Ended;
use crate::harness::stage::Stage;

/// Runs a task and waits for its end, which comes once the server knows of the waiting.
async fn waits(stage: &Stage, arguments: &[&str]) -> Ended {
    let line = [&["run", "--wait"], arguments].concat();
    let time_passes = async {
        stage.linked.receiver.has_waiters(1).await;
        loop {
            stage.linked.passes(5).await;
        }
    };
    tokio::select! {
        ended = stage.runs(&line) => ended,
        () = time_passes => unreachable!("time passes for ever"),
    }
}

#[tokio::test]
async fn a_task_that_is_run_is_known_at_once() {
    let mut stage = Stage::of("tasks").await;
    let printed = stage
        .prints(&["run", "Find milk"], &["POST /api/v2/tasks"])
        .await;
    let id = printed.trim();
    let shown = stage.tells(&["show", id], &[]).await;
    assert_eq!(
        (&shown["id"], &shown["state"]),
        (&json!(id), &json!("created"))
    );

    let line = [
        "run",
        "--api",
        "v1",
        "Find milk",
        "--metadata",
        "team=tests",
    ];
    let told = stage.tells(&line, &["POST /api/v1/run-task"]).await;
    let path = format!("v1/task/{}", told["id"].as_str().unwrap());
    let there = stage.linked.cloud.get(&path).await.is(200);
    assert_eq!(there["metadata"], json!({ "team": "tests" }));
    stage.leaves().await;
}

#[tokio::test]
async fn whoever_waits_gets_the_output_alone() {
    let stage = Stage::of("tasks").await;
    let ended = waits(&stage, &["Find milk"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_snapshot!(ended.out, @"Done: Find milk");

    let ended = waits(&stage, &["Find milk", "--json"]).await;
    let task: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(task["outcome"], "success");
    stage.leaves().await;
}

#[tokio::test]
async fn a_task_that_did_not_succeed_fails_the_command() {
    let stage = Stage::of("tasks").await;
    for life in ["unsuccessful", "fails"] {
        let ended = waits(&stage, &[&format!("simulate:{life}")]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("it did not succeed"), "{ended:?}");
    }
    stage.leaves().await;
}

#[tokio::test]
async fn a_wait_that_is_too_long_leaves_the_task_alone() {
    let stage = Stage::of("tasks").await;
    let ended = stage
        .runs(&["run", "simulate:endless", "--wait=10ms"])
        .await;
    assert_eq!(ended.code, Some(124), "{ended:?}");
    assert!(
        ended.err.contains("to go on: tidings tasks wait "),
        "{ended:?}"
    );
    stage.leaves().await;
}

#[tokio::test]
async fn secrets_reach_the_cloud_by_other_ways_than_the_command_line() {
    let mut stage = Stage::of("tasks").await;
    std::fs::write(stage.desk.path("password"), "s3cret\n").unwrap();
    let line = ["run", "Log in", "--secret-file", "password=password"];
    stage.prints(&line, &["POST /api/v2/tasks"]).await;
    let missing = stage
        .complains(&["run", "Log in", "--secret-env", "a=NOT_SET"])
        .await;
    assert_snapshot!(missing, @"error: NOT_SET is not set in the environment");
    stage.leaves().await;
}

#[tokio::test]
async fn what_a_version_does_not_know_is_refused_before_it_leaves() {
    let mut stage = Stage::of("tasks").await;
    stage.linked.asked();
    let told = [
        stage.objects(&["run", "Look", "--file", "a.csv"]).await,
        stage
            .objects(&["run", "--api", "v1", "Look", "--flash"])
            .await,
        stage.complains(&["run", "Look", "--max-steps", "0"]).await,
    ];
    assert_snapshot!(told.concat(), @r"
    error: this version of the API does not know `included_file_names`: leave the option out, or give the other one with --api
    error: this version of the API does not know `flashMode`: leave the option out, or give the other one with --api
    error: POST /api/v2/tasks: `maxSteps` is 0: it goes from 1 to 10000 (400 Bad Request)
    ");
    assert_eq!(stage.linked.asked(), Vec::<String>::new());
    stage.leaves().await;
}
