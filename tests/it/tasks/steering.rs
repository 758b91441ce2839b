//! Steering tasks by command, and what they leave behind.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

/// Every version, so that sessions and runs are found, too.
const EVERY_VERSION: &str = r#"
api_key = "a key"
versions = ["v2", "v1", "v3", "v4"]
"#;

/// Makes a task of v2 in the cloud, and names it.
async fn made_in_v2(stage: &Stage, task: &str) -> String {
    let made = stage
        .linked
        .cloud
        .post("v2/tasks", json!({ "task": task }))
        .await;
    made.is(202)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_v1_task_is_paused_resumed_and_stopped() {
    let mut stage = Stage::of("tasks").await;
    let id = stage.linked.cloud.run_task("simulate:endless").await;
    stage.linked.passes(3).await;
    for (verb, word) in [
        ("pause", "paused"),
        ("resume", "running"),
        ("stop", "stopped"),
    ] {
        let printed = stage.runs(&[verb, &id]).await;
        assert_eq!(printed.code, Some(0), "{printed:?}");
        let asked = stage.linked.asked();
        assert!(
            asked.contains(&format!("PUT /api/v1/{verb}-task")),
            "{asked:?}"
        );
        let path = format!("v1/task/{id}/status");
        assert_eq!(stage.linked.cloud.get(&path).await.is(200), word);
    }
    stage.leaves().await;
}

#[tokio::test]
async fn a_v2_task_is_stopped_and_cannot_be_paused() {
    let mut stage = Stage::of("tasks").await;
    let id = made_in_v2(&stage, "simulate:endless").await;
    stage.linked.passes(3).await;
    let pause = stage.complains(&["pause", &id]).await;
    assert_snapshot!(pause.replace(&id, "ID"), @"error: `ID`: Tidings knows no call in v2 for pausing a task (409 Conflict)");
    let stopped = stage.runs(&["stop", &id]).await;
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    let asked = stage.linked.asked();
    assert!(
        asked.contains(&format!("PATCH /api/v2/tasks/{id}")),
        "{asked:?}"
    );
    assert_snapshot!(words(&stopped.out), @r"
    ID KIND STATE FIRST SEEN FINISHED
    task stopped
    ");
    stage.leaves().await;
}

#[tokio::test]
async fn a_status_is_one_word() {
    let mut stage = Stage::of("tasks").await;
    let of_v1 = stage.linked.cloud.run_task("simulate:endless").await;
    let of_v2 = made_in_v2(&stage, "simulate:endless").await;
    stage.linked.passes(3).await;
    for (id, asks) in [
        (&of_v1, format!("GET /api/v1/task/{of_v1}")),
        (&of_v2, format!("GET /api/v2/tasks/{of_v2}")),
    ] {
        let ended = stage.runs(&["status", id]).await;
        assert_eq!(ended.out, "running\n", "{ended:?}");
        let asked = stage.linked.asked();
        assert!(asked.contains(&asks), "{asked:?}");
    }
    stage.leaves().await;
}

#[tokio::test]
async fn a_fresh_look_asks_every_version_that_is_configured() {
    let mut stage = Stage::with("tasks", EVERY_VERSION).await;
    let cloud = &stage.linked.cloud;
    let of_v1 = cloud.run_task("Find milk").await;
    let of_v2 = made_in_v2(&stage, "Find milk").await;
    let named = |made: Value| made["id"].as_str().unwrap().to_owned();
    let of_v3 = named(
        cloud
            .post("v3/sessions", json!({ "task": "Find milk" }))
            .await
            .body,
    );
    let of_v4 = named(
        cloud
            .post("v4/runs", json!({ "task": "Find milk" }))
            .await
            .body,
    );
    stage.linked.passes(12).await;
    for (id, api, asks) in [
        (of_v1, "v1", "GET /api/v1/task/"),
        (of_v2, "v2", "GET /api/v2/tasks/"),
        (of_v3, "v3", "GET /api/v3/sessions/"),
        (of_v4, "v4", "GET /api/v4/runs/"),
    ] {
        stage.linked.asked();
        let ended = stage.runs(&["show", &id, "--fresh", "--json"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let task: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(task["api"], api, "{task}");
        let asked = stage.linked.asked();
        assert!(asked.contains(&format!("{asks}{id}")), "{asked:?}");
    }
    stage.leaves().await;
}

#[tokio::test]
async fn recordings_and_screenshots_are_told_by_their_addresses() {
    let mut stage = Stage::of("tasks").await;
    let id = stage.linked.cloud.run_task("Find milk").await;
    stage.linked.passes(3).await;
    let early = stage.complains(&["media", &id]).await;
    assert_snapshot!(early.replace(&id, "ID"), @"error: GET /api/v1/task/ID/media: not yet (400 Bad Request: Media is only available for completed tasks): ask again when the task has ended (409 Conflict)");
    stage.linked.passes(10).await;
    for (what, count) in [("media", 1), ("screenshots", 3)] {
        stage.linked.asked();
        let ended = stage.runs(&[what, &id]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.out.lines().count(), count, "{ended:?}");
        assert!(
            ended.out.lines().all(|line| line.starts_with("http://")),
            "{ended:?}"
        );
        let asked = stage.linked.asked();
        assert!(
            asked.contains(&format!("GET /api/v1/task/{id}/{what}")),
            "{asked:?}"
        );
    }
    stage.leaves().await;
}

#[tokio::test]
async fn a_file_that_a_task_made_is_printed_or_saved_and_overwrites_nothing() {
    let mut stage = Stage::of("tasks").await;
    let of_v1 = stage.linked.cloud.run_task("Find milk").await;
    let of_v2 = made_in_v2(&stage, "Find milk").await;
    stage.linked.passes(12).await;
    for (id, asks) in [
        (
            &of_v1,
            format!("GET /api/v1/task/{of_v1}/output-file/result.txt"),
        ),
        (
            &of_v2,
            format!("GET /api/v2/files/tasks/{of_v2}/output-files/"),
        ),
    ] {
        stage.linked.asked();
        let printed = stage.runs(&["output-file", id, "result.txt"]).await;
        assert_eq!(printed.out, "What came of: Find milk\n", "{printed:?}");
        let asked = stage.linked.asked();
        assert!(
            asked.iter().any(|call| call.starts_with(&asks)),
            "{asked:?}"
        );
    }
    let line = ["output-file", &of_v1, "result.txt", "-o", "milk.txt"];
    let saved = stage.runs(&line).await;
    assert_eq!((saved.code, &*saved.err), (Some(0), "saved as milk.txt\n"));
    fs::write(stage.desk.path("milk.txt"), "mine").unwrap();
    assert_snapshot!(stage.complains(&line).await, @"error: milk.txt is there already: remove it, or give another name");
    assert_eq!(
        fs::read_to_string(stage.desk.path("milk.txt")).unwrap(),
        "mine"
    );

    let nothing = ["output-file", &of_v1, "nothing.txt", "-o", "nothing.txt"];
    assert_eq!(stage.runs(&nothing).await.code, Some(1));
    assert!(!stage.desk.path("nothing.txt").exists());
    stage.leaves().await;
}
