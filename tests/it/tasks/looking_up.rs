//! What the Cloud API tells of tasks, beside their webhooks.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use crate::harness::linked::Linked;

/// The members of a task that are asked for, in a line.
fn told(task: &Value, names: &[&str]) -> String {
    let members = names.iter().map(|name| task[name].to_string());
    members.collect::<Vec<_>>().join(" ")
}

async fn run_v2(linked: &Linked, task: &str) -> String {
    let body = json!({ "task": task, "metadata": { "team": "tests" } });
    let made = linked.cloud.post("v2/tasks", body).await.is(202);
    made["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_task_of_the_cloud_is_known_by_its_webhooks_alone() {
    let mut linked = Linked::start().await;
    let id = linked.cloud.run_task("t").await;
    linked.passes(10).await;

    let caller = linked.receiver.caller();
    let task = caller.finds(&format!("/tasks/{id}")).await;
    assert_eq!(
        told(&task, &["state", "api", "output"]),
        r#""finished" null null"#
    );
    assert_eq!(linked.asked(), ["POST /api/v1/run-task"]);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_fresh_look_tells_what_no_webhook_does_and_is_remembered() {
    let linked = Linked::start().await;
    let id = run_v2(&linked, "look").await;
    linked.passes(11).await;

    let caller = linked.receiver.caller();
    let fresh = caller.finds(&format!("/tasks/{id}?fresh=true")).await;
    assert_snapshot!(
        told(&fresh, &["state", "api", "task", "output", "output_files", "outcome", "cost"]),
        @r#""finished" "v2" "look" "Done: look" ["result.txt"] "success" "0.03""#
    );
    assert_snapshot!(
        told(&fresh, &["created_at", "started_at", "finished_at", "as_of", "source"]),
        @r#""2026-05-25T09:00:00.000000Z" "2026-05-25T09:00:02.000000Z" "2026-05-25T09:00:10.000000Z" "2026-05-25T09:00:11.000000Z" "look-up""#
    );
    assert_eq!(fresh["fresh_unavailable"], Value::Null);
    assert_eq!(fresh["metadata"], json!({ "team": "tests" }));

    let known = caller.finds(&format!("/tasks/{id}")).await;
    assert_eq!(known, fresh);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_version_that_knows_a_task_is_learned_and_asked_alone() {
    let mut linked = Linked::start().await;
    let id = linked.cloud.run_task("t").await;
    linked.asked();

    let caller = linked.receiver.caller();
    let fresh = format!("/tasks/{id}?fresh=true");
    // No webhook has come: a look-up makes it known.
    assert_eq!(caller.finds(&fresh).await["state"], "created");
    let [v2, v1] = ["v2/tasks", "v1/task"].map(|path| format!("GET /api/{path}/{id}"));
    assert_eq!(linked.asked(), [v2, v1.clone()]);

    linked.passes(10).await;
    assert_eq!(caller.finds(&fresh).await["state"], "finished");
    assert_eq!(linked.asked(), [v1]);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn who_asks_again_and_again_does_not_fill_the_timeline() {
    let linked = Linked::start().await;
    let id = run_v2(&linked, "t simulate:endless").await;
    let caller = linked.receiver.caller();
    for _ in 0..5 {
        linked.passes(2).await;
        caller.finds(&format!("/tasks/{id}?fresh=true")).await;
    }
    let timeline = caller.finds(&format!("/tasks/{id}/timeline")).await;
    let lines = timeline["data"].as_array().expect("a list").iter();
    let lines: Vec<String> = lines
        .map(|line| told(line, &["source", "status"]))
        .collect();
    assert_eq!(lines, [r#""webhook" "started""#, r#""look-up" "started""#]);

    let task = caller.finds(&format!("/tasks/{id}")).await;
    assert_eq!(
        told(&task, &["as_of", "source"]),
        r#""2026-05-25T09:00:10.000000Z" "look-up""#
    );
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_thousand_who_look_at_one_task_make_one_request() {
    let mut linked = Linked::start().await;
    let id = run_v2(&linked, "t simulate:endless").await;
    linked.passes(2).await;
    let caller = linked.receiver.caller();
    let fresh = format!("/tasks/{id}?fresh=true");
    caller.finds(&fresh).await;
    linked.asked();

    // So long that all have come before it is over.
    linked
        .cloud
        .misbehaves(json!({ "latency": "3s" }))
        .await
        .is(200);
    let tasks = join_all((0..1000).map(|_| caller.finds(&fresh))).await;

    assert!(tasks.iter().all(|task| task["state"] == "running"));
    assert_eq!(linked.asked(), [format!("GET /api/v2/tasks/{id}")]);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn with_the_cloud_down_the_last_that_is_known_is_given_and_says_so() {
    let linked = Linked::start().await;
    let id = run_v2(&linked, "t").await;
    let caller = linked.receiver.caller();
    let fresh = format!("/tasks/{id}?fresh=true");
    caller.finds(&fresh).await;
    linked.passes(10).await;
    linked
        .cloud
        .misbehaves(json!({ "server_errors": 1 }))
        .await
        .is(200);

    let mut task = caller.finds(&fresh).await;
    assert_eq!(
        told(&task, &["state", "task", "output", "source"]),
        r#""finished" "t" null "webhook""#
    );
    let why = task["fresh_unavailable"]
        .take()
        .to_string()
        .replace(&id, "ID");
    assert_snapshot!(why, @r#""GET /api/v2/tasks/ID: Browser Use is down or cannot be reached (500 Internal Server Error: Internal Server Error): try again later""#);

    let nobody = caller.gets("/api/v1/tasks/nobody?fresh=true").await;
    assert_snapshot!(nobody.told(), @r#"
    502
    {"type":"/problems/cloud-down","title":"cloud down","status":502,"detail":"GET /api/v2/tasks/nobody: Browser Use is down or cannot be reached (500 Internal Server Error: Internal Server Error): try again later"}
    "#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn without_a_key_what_webhooks_told_is_given() {
    let mut linked = Linked::with("").await;
    let id = run_v2(&linked, "t").await;
    linked.passes(10).await;
    linked.asked();

    let caller = linked.receiver.caller();
    let task = caller.finds(&format!("/tasks/{id}?fresh=true")).await;
    assert_eq!(told(&task, &["state", "api"]), r#""finished" null"#);
    assert!(
        task["fresh_unavailable"]
            .as_str()
            .expect("why")
            .contains("there is no key")
    );
    let nobody = caller.gets("/api/v1/tasks/nobody?fresh=true").await;
    assert_snapshot!(nobody.told(), @r#"
    503
    {"type":"/problems/cloud-no-key","title":"cloud no key","status":503,"detail":"GET /api/v2/tasks/nobody: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment"}
    "#);
    assert!(linked.asked().is_empty());
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_nobody_knows_is_not_found() {
    let linked = Linked::start().await;
    let nobody = linked
        .receiver
        .caller()
        .gets("/api/v1/tasks/nobody?fresh=true")
        .await;
    assert_snapshot!(nobody.told(), @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"look-up of `nobody` in v2, v1 (`cloud.versions`): there is no such task (404 Not Found: Task not found): it was deleted, or another project or version of the API has it"}
    "#);
    linked.receiver.stop_cleanly().await;
}
