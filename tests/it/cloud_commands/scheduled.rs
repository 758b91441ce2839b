//! Scheduled tasks.

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

#[tokio::test]
async fn a_schedule_is_made_listed_shown_changed_and_deleted() {
    let mut stage = Stage::of("cloud").await;
    let line = [
        "scheduled",
        "create",
        "Look for new papers",
        "--every",
        "90m",
    ];
    let made = stage.prints(&line, &["POST /api/v1/scheduled-task"]).await;
    let id = made.trim();

    let listed = stage
        .prints(&["scheduled", "list"], &["GET /api/v1/scheduled-tasks"])
        .await;
    assert!(listed.contains(id), "{listed}");
    assert_snapshot!(words(&listed), @"
    ID WHEN NEXT ACTIVE TASK
    every 1h 30m true Look for new papers
    ");

    let one = format!("/api/v1/scheduled-task/{id}");
    let shown = stage
        .tells(&["scheduled", "show", id], &[&format!("GET {one}")])
        .await;
    assert_eq!(shown["interval_minutes"], 90);
    assert_eq!(shown["task"], "Look for new papers");

    let line = [
        "scheduled",
        "update",
        id,
        "--active=false",
        "--cron",
        "0 9 * * 1",
    ];
    let changed = stage.tells(&line, &[&format!("PUT {one}")]).await;
    assert_eq!(changed["is_active"], false);
    assert_eq!(changed["cron_expression"], "0 9 * * 1");
    assert_eq!(changed["task"], "Look for new papers");

    let line = ["scheduled", "delete", id];
    stage.prints(&line, &[&format!("DELETE {one}")]).await;
    let gone = stage.complains(&["scheduled", "show", id]).await;
    assert_snapshot!(gone.replace(id, "ID"), @"
    error: through http://server: GET /api/v1/scheduled-task/ID: there is no such scheduled task (404 Not Found: Scheduled task not found): it was deleted, or another project or version of the API has it
    ");
    stage.leaves().await;
}

#[tokio::test]
async fn what_a_scheduled_task_is_told_comes_from_options_and_from_a_body() {
    let stage = Stage::of("cloud").await;
    let body = json!({
        "task": "Look", "schedule_type": "interval", "interval_minutes": 5, "metadata": { "a": "1" },
    });
    let line = [
        "scheduled",
        "create",
        "--body",
        "-",
        "--cron",
        "0 9 * * 1",
        "--model",
        "o3",
        "--metadata",
        "b=2",
        "--json",
    ];
    let ended = stage.runs_with(&line, &body.to_string()).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let made: serde_json::Value = serde_json::from_str(&ended.out).unwrap();

    let path = format!("v1/scheduled-task/{}", made["id"].as_str().unwrap());
    let kept = stage.linked.cloud.get(&path).await.is(200);
    assert_eq!(kept["schedule_type"], "cron");
    assert_eq!(kept["llm_model"], "o3");
    assert_eq!(kept["metadata"], json!({ "a": "1", "b": "2" }));
    stage.leaves().await;
}

#[tokio::test]
async fn a_listing_goes_on_by_itself_from_page_to_page() {
    let mut stage = Stage::of("cloud").await;
    for number in 0..103 {
        let new = json!({
            "task": format!("{number}"), "schedule_type": "interval", "interval_minutes": 60,
        });
        stage
            .linked
            .cloud
            .post("v1/scheduled-task", new)
            .await
            .is(200);
    }
    let line = ["scheduled", "list", "--limit", "102", "--json"];
    let asks = ["GET /api/v1/scheduled-tasks"; 2];
    let listed = stage.prints(&line, &asks).await;
    assert_eq!(listed.lines().count(), 102);
    stage.leaves().await;
}

#[tokio::test]
async fn what_makes_no_schedule_is_refused_before_it_leaves() {
    let mut stage = Stage::of("cloud").await;
    stage.linked.asked();
    let told = [
        stage.objects(&["scheduled", "create", "Look"]).await,
        stage.objects(&["scheduled", "update", "an-id"]).await,
    ];
    assert_snapshot!(told.concat(), @"
    error: when should it run? Give --every or --cron
    error: there is nothing to change: give an option, or --body
    ");
    let both = [
        "scheduled",
        "create",
        "Look",
        "--every",
        "1h",
        "--cron",
        "* * * * *",
    ];
    assert_eq!(stage.runs(&both).await.code, Some(2));
    let seconds = ["scheduled", "create", "Look", "--every", "90s"];
    assert_eq!(stage.runs(&seconds).await.code, Some(2));
    assert_eq!(stage.linked.asked(), Vec::<String>::new());
    stage.leaves().await;
}
