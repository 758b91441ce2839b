//! v4: runs, their events and sessions.

use serde_json::Value;
use serde_json::json;

use crate::harness::simulated::Simulated;

async fn create(cloud: &Simulated, asked: Value) -> Value {
    cloud.post("v4/runs", asked).await.is(200)
}

fn path(run: &Value) -> String {
    format!("v4/runs/{}", run["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_run_goes_from_the_queue_to_its_result() {
    let cloud = Simulated::start().await;
    let run = create(&cloud, json!({ "task": "Find milk", "judge": {} })).await;
    let status = format!("{}/status", path(&run));
    let mut words = vec![run["status"].clone()];
    for _ in 0..10 {
        cloud.passes(1).await;
        words.push(cloud.get(&status).await.is(200)["status"].clone());
    }
    words.dedup();
    assert_eq!(words, ["queued", "dispatching", "running", "completed"]);

    let whole = cloud.get(&path(&run)).await.is(200);
    assert_eq!(whole["result"], "Done: Find milk");
    assert_eq!(whole["judgement"]["verdict"], true);
    let events = cloud
        .get(&format!("{}/events?limit=4", path(&run)))
        .await
        .is(200);
    assert_eq!(
        (&events["nextAfter"], &events["hasMore"]),
        (&json!(4), &json!(true))
    );
    let rest = cloud
        .get(&format!("{}/events?after=4", path(&run)))
        .await
        .is(200);
    assert_eq!(rest["events"].as_array().unwrap().len(), 2);
    assert_eq!(rest["events"][1]["data"]["status"], "completed");
    assert_eq!(rest["hasMore"], false);
}

#[tokio::test]
async fn a_run_is_cancelled_and_its_session_takes_another() {
    let cloud = Simulated::start().await;
    let run = create(&cloud, json!({ "task": "t" })).await;
    let again = json!({ "task": "again", "sessionId": run["sessionId"] });
    cloud.post("v4/runs", again.clone()).await.is(409);
    for _ in 0..2 {
        let cancelled = cloud
            .post(&format!("{}/cancel", path(&run)), json!({}))
            .await;
        assert_eq!(cancelled.is(200)["status"], "cancelled");
    }
    let second = create(&cloud, again).await;
    assert_eq!(second["workspaceId"], run["workspaceId"]);
    let session = run["sessionId"].as_str().unwrap();
    let session = cloud.get(&format!("v4/sessions/{session}")).await.is(200);
    assert_eq!(session["latestRunId"], second["id"]);
}

#[tokio::test]
async fn runs_and_sessions_are_read_page_by_page() {
    let cloud = Simulated::start().await;
    for number in 0..5 {
        create(
            &cloud,
            json!({ "task": format!("simulate:fails {number}") }),
        )
        .await;
    }
    for what in ["runs", "sessions"] {
        let mut tasks = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = cloud
                .get(&format!("v4/{what}?limit=2{cursor}"))
                .await
                .is(200);
            let items = page[what].as_array().unwrap().iter();
            tasks.extend(items.map(|item| item["task"].as_str().unwrap().to_owned()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let expected: Vec<String> = (0..5)
            .rev()
            .map(|n| format!("simulate:fails {n}"))
            .collect();
        assert_eq!(tasks, expected, "{what}");
        cloud.get(&format!("v4/{what}?cursor=x")).await.is(400);
    }
}

#[tokio::test]
async fn what_is_not_known_is_refused() {
    let cloud = Simulated::start().await;
    let more = cloud
        .post("v4/runs", json!({ "task": "t", "steps": 1 }))
        .await;
    more.finds_fault("steps", "extra_forbidden");
    let missing = cloud.post("v4/runs", json!({})).await;
    missing.finds_fault("task", "missing");
    let unknown = "v4/runs/00000000-0000-4000-8000-000000000000";
    cloud.get(unknown).await.is(404);
}
