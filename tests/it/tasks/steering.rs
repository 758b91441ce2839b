//! Tasks by command, from the command through the server to a simulated cloud and back.

use serde_json::Value;
use serde_json::json;

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
