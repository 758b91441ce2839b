//! Runs of v4, looked at.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

/// Makes a run in the cloud, and tells what was answered.
async fn made(stage: &Stage, task: &str) -> Value {
    let asked = json!({ "task": task });
    stage.linked.cloud.post("v4/runs", asked).await.is(200)
}

#[tokio::test]
async fn runs_are_listed_and_shown_with_what_they_came_to() {
    let mut stage = Stage::of("cloud").await;
    let good = made(&stage, "Find milk").await;
    let good = good["id"].as_str().unwrap();
    stage.linked.passes(1).await;
    made(&stage, "simulate:fails").await;
    stage.linked.passes(12).await;

    let listed = stage.prints(&["runs", "list"], &["GET /api/v4/runs"]).await;
    assert!(listed.contains(good), "{listed}");
    assert_snapshot!(words(&listed), @"
    ID STATUS CREATED TASK
    failed simulate:fails
    completed Find milk
    ");

    let asks = [&*format!("GET /api/v4/runs/{good}")];
    let shown = stage.tells(&["runs", "show", good], &asks).await;
    assert_eq!(shown["result"], "Done: Find milk");
    let shown = stage.prints(&["runs", "show", good], &asks).await;
    assert!(shown.contains("2026-05-25 09:00:00Z"), "{shown}");
    stage.leaves().await;
}

#[tokio::test]
async fn the_status_of_a_run_is_browser_uses_own_word() {
    let mut stage = Stage::of("cloud").await;
    let run = made(&stage, "simulate:endless").await;
    let id = run["id"].as_str().unwrap();
    stage.linked.passes(3).await;

    let asks = [&*format!("GET /api/v4/runs/{id}/status")];
    let line = ["runs", "status", id];
    assert_eq!(stage.prints(&line, &asks).await, "running\n");
    assert_eq!(
        stage.tells(&line, &asks).await,
        json!({ "status": "running" })
    );
    stage.leaves().await;
}

#[tokio::test]
async fn runs_are_chosen_by_their_session() {
    let mut stage = Stage::of("cloud").await;
    let wanted = made(&stage, "Find milk").await;
    made(&stage, "Find bread").await;

    let session = wanted["sessionId"].as_str().unwrap();
    let line = ["runs", "list", "--session-id", session];
    let told = stage.tells(&line, &["GET /api/v4/runs"]).await;
    assert_eq!(told["id"], wanted["id"]);
    stage.leaves().await;
}

#[tokio::test]
async fn many_runs_are_read_from_cursor_to_cursor() {
    let mut stage = Stage::of("cloud").await;
    for number in 0..101 {
        made(&stage, &format!("task {number}")).await;
    }
    let asks = ["GET /api/v4/runs"; 2];
    let line = ["runs", "list", "--limit", "200", "--json"];
    let printed = stage.prints(&line, &asks).await;
    assert_eq!(printed.lines().count(), 101);
    stage.leaves().await;
}
