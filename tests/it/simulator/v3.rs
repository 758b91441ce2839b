//! v3: sessions and their messages.

use serde_json::Value;
use serde_json::json;

use crate::harness::simulated::Simulated;

async fn create(cloud: &Simulated, asked: Value) -> String {
    let made = cloud.post("v3/sessions", asked).await.is(200);
    format!("v3/sessions/{}", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_session_that_succeeds_is_stopped_and_says_that_it_succeeded() {
    let cloud = Simulated::start().await;
    let path = create(
        &cloud,
        json!({ "task": "Find milk", "enable_recording": true }),
    )
    .await;
    assert_eq!(cloud.get(&path).await.is(200)["status"], "created");
    cloud.passes(6).await;
    let running = cloud.get(&path).await.is(200);
    assert_eq!(running["status"], "running");
    assert_eq!(running["stepCount"], 2);
    assert_eq!(running["isTaskSuccessful"], Value::Null);
    cloud.passes(4).await;
    let ended = cloud.get(&path).await.is(200);
    assert_eq!(ended["status"], "stopped");
    assert_eq!(ended["isTaskSuccessful"], true);
    assert_eq!(ended["output"], "Done: Find milk");
    assert_eq!(ended["recordingUrls"].as_array().unwrap().len(), 1);
    assert_eq!(ended["updatedAt"], "2026-05-25T09:00:10.000000Z");
    cloud.passes(2).await;
    let later = cloud.get(&path).await.is(200);
    assert_eq!(later["updatedAt"], "2026-05-25T09:00:12.000000Z");
}

#[tokio::test]
async fn a_session_that_is_kept_alive_takes_another_task() {
    let cloud = Simulated::start().await;
    let path = create(&cloud, json!({ "task": "t", "keep_alive": true })).await;
    let id = path.rsplit('/').next().unwrap();
    let again = json!({ "task": "again", "sessionId": id });
    cloud.post("v3/sessions", again.clone()).await.is(409);
    cloud.passes(10).await;
    assert_eq!(cloud.get(&path).await.is(200)["status"], "idle");
    cloud.post("v3/sessions", again.clone()).await.is(200);
    let without = json!({ "sessionId": id });
    cloud
        .post("v3/sessions", without)
        .await
        .finds_fault("task", "missing");

    let stop = |strategy: &str| json!({ "strategy": strategy });
    let path_to_stop = format!("{path}/stop");
    let idle = cloud.post(&path_to_stop, stop("task")).await.is(200);
    assert_eq!(idle["status"], "idle");
    assert_eq!(idle["isTaskSuccessful"], Value::Null);
    let stopped = cloud.post(&path_to_stop, stop("session")).await.is(200);
    assert_eq!(stopped["status"], "stopped");
    cloud.post("v3/sessions", again).await.is(400);
    cloud.delete(&path).await.is(204);
    cloud.get(&path).await.is(404);
}

#[tokio::test]
async fn failures_have_words_of_their_own() {
    let cloud = Simulated::start().await;
    let mut paths = Vec::new();
    for life in ["unsuccessful", "fails", "times-out"] {
        paths.push(create(&cloud, json!({ "task": format!("simulate:{life}") })).await);
    }
    paths.push(create(&cloud, json!({})).await);
    cloud.passes(10).await;
    let mut words = Vec::new();
    for path in &paths {
        let session = cloud.get(path).await.is(200);
        words.push((
            session["status"].clone(),
            session["isTaskSuccessful"].clone(),
        ));
    }
    let expected = [
        (json!("stopped"), json!(false)),
        (json!("error"), json!(false)),
        (json!("timed_out"), json!(false)),
        (json!("idle"), Value::Null),
    ];
    assert_eq!(words, expected);
    let list = cloud.get("v3/sessions?page=2&page_size=3").await.is(200);
    assert_eq!((&list["total"], &list["page"]), (&json!(4), &json!(2)));
    assert_eq!(list["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn messages_are_read_page_by_page() {
    let cloud = Simulated::start().await;
    let path = create(&cloud, json!({ "task": "Find milk" })).await;
    cloud.passes(10).await;
    let first = cloud.get(&format!("{path}/messages?limit=2")).await.is(200);
    assert_eq!(first["hasMore"], true);
    assert_eq!(first["messages"][0]["role"], "human");
    let after = first["messages"][1]["id"].as_str().unwrap();
    let rest = cloud
        .get(&format!("{path}/messages?after={after}"))
        .await
        .is(200);
    assert_eq!(rest["hasMore"], false);
    let rest = rest["messages"].as_array().unwrap();
    assert_eq!(rest.len(), 3);
    assert_eq!(rest[2]["data"], "Done: Find milk");
    let before = cloud
        .get(&format!("{path}/messages?before={after}"))
        .await
        .is(200);
    assert_eq!(before["messages"].as_array().unwrap().len(), 1);
}
