//! Tasks as Browser Use tells of them, and what they leave behind.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

/// Makes a v2 task, and names it.
async fn made(stage: &Stage, task: &str) -> String {
    let made = stage
        .linked
        .cloud
        .post("v2/tasks", json!({ "task": task }))
        .await;
    made.is(202)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tasks_of_v1_are_listed_and_shown_as_browser_use_tells_of_them() {
    let mut stage = Stage::of("cloud").await;
    let id = stage.linked.cloud.run_task("Find milk").await;
    stage.linked.passes(12).await;

    let line = ["tasks", "list", "--api", "v1"];
    let listed = stage.prints(&line, &["GET /api/v1/tasks"]).await;
    assert!(listed.contains(&id), "{listed}");
    assert_snapshot!(words(&listed), @"
    ID STATUS CREATED FINISHED TASK
    finished Find milk
    ");

    let asks = [&*format!("GET /api/v1/task/{id}")];
    let line = ["tasks", "show", &id, "--api", "v1"];
    let shown = stage.tells(&line, &asks).await;
    assert_eq!(shown["status"], "finished");
    assert!(shown["steps"].is_array(), "{shown}");

    let line = ["tasks", "list", "--api", "v1", "--status", "finished"];
    assert_snapshot!(stage.objects(&line).await, @"error: v1 lists all of its tasks: leave out what only v2 can choose by");
    stage.leaves().await;
}

#[tokio::test]
async fn tasks_of_v2_are_chosen_by_their_status() {
    let mut stage = Stage::of("cloud").await;
    let done = made(&stage, "Find milk").await;
    let endless = made(&stage, "simulate:endless").await;
    stage.linked.passes(12).await;

    let line = ["tasks", "list", "--status", "started"];
    let listed = stage.prints(&line, &["GET /api/v2/tasks"]).await;
    assert!(
        listed.contains(&endless) && !listed.contains(&done),
        "{listed}"
    );

    let asks = [&*format!("GET /api/v2/tasks/{done}")];
    let shown = stage.tells(&["tasks", "show", &done], &asks).await;
    assert_eq!(shown["isSuccess"], true);
    stage.leaves().await;
}

#[tokio::test]
async fn a_status_is_browser_uses_own_word() {
    let mut stage = Stage::of("cloud").await;
    let of_v1 = stage.linked.cloud.run_task("simulate:endless").await;
    let of_v2 = made(&stage, "simulate:endless").await;
    stage.linked.passes(3).await;

    let asks = [&*format!("GET /api/v1/task/{of_v1}/status")];
    let line = ["tasks", "status", &of_v1, "--api", "v1"];
    assert_eq!(stage.prints(&line, &asks).await, "running\n");
    assert_eq!(
        stage.tells(&line, &asks).await,
        json!({ "status": "running" })
    );
    let asks = [&*format!("GET /api/v2/tasks/{of_v2}/status")];
    let line = ["tasks", "status", &of_v2];
    assert_eq!(stage.prints(&line, &asks).await, "started\n");
    stage.leaves().await;
}

#[tokio::test]
async fn an_animation_is_there_once_the_task_has_ended() {
    let mut stage = Stage::of("cloud").await;
    let id = stage.linked.cloud.run_task("Find milk").await;
    let early = stage.complains(&["gif", &id]).await;
    assert_snapshot!(early.replace(&id, "ID"), @"
    error: through http://server: GET /api/v1/task/ID/gif: not yet (400 Bad Request: Media is only available for completed tasks): ask again when the task has ended
    ");
    stage.linked.passes(12).await;

    let asks = [&*format!("GET /api/v1/task/{id}/gif")];
    let address = stage.prints(&["gif", &id], &asks).await;
    assert!(address.starts_with("http://"), "{address}");
    stage.prints(&["gif", &id, "-o", "task.gif"], &asks).await;
    let saved = fs::read_to_string(stage.desk.path("task.gif")).unwrap();
    assert_eq!(saved, "a made-up recording");

    let again = stage.complains(&["gif", &id, "-o", "task.gif"]).await;
    assert_snapshot!(again, @"error: task.gif is there already: remove it, or give another name");
    stage.leaves().await;
}

#[tokio::test]
async fn a_log_can_be_read_at_once() {
    let mut stage = Stage::of("cloud").await;
    let id = made(&stage, "Find milk").await;
    stage.linked.passes(12).await;

    let asks = [&*format!("GET /api/v2/tasks/{id}/logs")];
    let told = stage.tells(&["logs", &id], &asks).await;
    assert!(told["downloadUrl"].is_string(), "{told}");
    let log = stage.prints(&["logs", &id, "-o", "-"], &asks).await;
    assert!(!log.is_empty());
    stage.leaves().await;
}
