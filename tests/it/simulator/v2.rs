//! v2: tasks, sessions, files, profiles, the account.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::simulated::Simulated;

async fn create(cloud: &Simulated, more: Value) -> (String, String) {
    let mut asked = json!({ "task": "Find milk" });
    asked
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let made = cloud.post("v2/tasks", asked).await.is(202);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("sessionId"))
}

#[tokio::test]
async fn a_task_goes_from_its_creation_to_its_cost() {
    let cloud = Simulated::start().await;
    let more = json!({ "judge": true, "metadata": { "team": "tests" }, "vision": "auto" });
    let (id, session) = create(&cloud, more).await;
    let (task, status) = (format!("v2/tasks/{id}"), format!("v2/tasks/{id}/status"));

    let begun = cloud.get(&task).await.is(200);
    assert_eq!(begun["status"], "created");
    assert_eq!(begun["startedAt"], Value::Null);
    cloud.passes(5).await;
    let running = cloud.get(&status).await.is(200);
    assert_eq!(running["status"], "started");
    assert_eq!(running["cost"], Value::Null);

    cloud.passes(5).await;
    let brief = cloud.get(&status).await.is(200);
    assert_eq!(brief["status"], "finished");
    assert_eq!(brief["output"], "Done: Find milk");
    assert_eq!(brief["cost"], "0.03");
    let whole = cloud.get(&task).await.is(200);
    assert_eq!(whole["sessionId"], session);
    assert_eq!(whole["isSuccess"], true);
    assert_eq!(whole["judgeVerdict"], true);
    assert_eq!(whole["finishedAt"], "2026-05-25T09:00:10.000000Z");
    assert_eq!(whole["steps"].as_array().unwrap().len(), 3);
    assert_eq!(whole["metadata"], json!({ "team": "tests" }));

    let file = whole["outputFiles"][0]["id"].as_str().unwrap();
    let path = format!("v2/files/tasks/{id}/output-files/{file}");
    let file = cloud.get(&path).await.is(200);
    let logs = cloud.get(&format!("{task}/logs")).await.is(200);
    for url in [&file["downloadUrl"], &logs["downloadUrl"]] {
        let request = cloud.stranger(Method::GET, url.as_str().unwrap());
        Simulated::answer(request).await.is(200);
    }
    let ended = cloud.get(&format!("v2/sessions/{session}")).await.is(200);
    assert_eq!(ended["status"], "stopped");
    assert_eq!(ended["tasks"][0]["id"], id);
}

#[tokio::test]
async fn a_task_is_stopped_and_stays_so() {
    let cloud = Simulated::start().await;
    let (id, session) = create(&cloud, json!({})).await;
    let path = format!("v2/tasks/{id}");
    let order = async |action: &str| {
        let body = json!({ "action": action });
        cloud.call(Method::PATCH, &path, Some(body)).await
    };
    order("pause").await.finds_fault("action", "enum");
    assert_eq!(order("stop").await.is(200)["status"], "stopped");
    assert_eq!(order("stop").await.is(200)["status"], "stopped");
    order("stop_task_and_session").await.is(200);
    let session = cloud.get(&format!("v2/sessions/{session}")).await.is(200);
    assert_eq!(session["status"], "stopped");
}

#[tokio::test]
async fn a_session_takes_one_task_after_the_other() {
    let cloud = Simulated::start().await;
    let made = cloud
        .post("v2/sessions", json!({ "enableRecording": true }))
        .await;
    let session = made.is(201)["id"].as_str().unwrap().to_owned();
    let into = json!({ "sessionId": session });
    create(&cloud, into.clone()).await;
    let busy = json!({ "task": "t", "sessionId": session });
    cloud.post("v2/tasks", busy.clone()).await.is(400);
    cloud.passes(10).await;
    create(&cloud, into).await;

    let path = format!("v2/sessions/{session}");
    let stop = Some(json!({ "action": "stop" }));
    let stopped = cloud.call(Method::PATCH, &path, stop).await.is(200);
    assert_eq!(stopped["status"], "stopped");
    assert_eq!(stopped["tasks"][1]["status"], "stopped");
    assert!(stopped["recordingUrl"].is_string(), "{stopped}");
    cloud.post("v2/tasks", busy).await.is(400);

    let active = cloud.get("v2/sessions?filterBy=active").await.is(200);
    assert_eq!(active["totalItems"], 0);
    cloud.delete(&path).await.is(204);
    cloud.get(&path).await.is(404);
    let gone = json!({ "task": "t", "sessionId": session });
    cloud.post("v2/tasks", gone).await.is(404);
}

#[tokio::test]
async fn a_session_is_shared_until_that_is_taken_back() {
    let cloud = Simulated::start().await;
    let (_, session) = create(&cloud, json!({})).await;
    let (path, share) = (
        format!("v2/sessions/{session}"),
        format!("v2/sessions/{session}/public-share"),
    );
    cloud.get(&share).await.is(404);
    let made = cloud.post(&share, Value::Null).await.is(201);
    assert_eq!(cloud.post(&share, Value::Null).await.is(201), made);
    assert_eq!(cloud.get(&share).await.is(200), made);
    let shown = cloud.get(&path).await.is(200);
    assert_eq!(shown["publicShareUrl"], made["shareUrl"]);

    cloud.delete(&share).await.is(204);
    cloud.get(&share).await.is(404);
    cloud
        .post(&format!("{path}/purge"), Value::Null)
        .await
        .is(403);
}

#[tokio::test]
async fn a_list_is_filtered_by_state_session_and_naive_times() {
    let cloud = Simulated::start().await;
    let (first, session) = create(&cloud, json!({})).await;
    cloud.passes(10).await;
    let (second, _) = create(&cloud, json!({})).await;
    let found = async |query: &str| -> Vec<Value> {
        let page = cloud.get(&format!("v2/tasks?{query}")).await.is(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].clone()).collect()
    };
    assert_eq!(found("").await, [json!(second), json!(first)]);
    assert_eq!(found("filterBy=finished").await, [json!(first)]);
    assert_eq!(found(&format!("sessionId={session}")).await, [json!(first)]);
    assert_eq!(found("after=2026-05-25T09:00:05").await, [json!(second)]);
    assert_eq!(found("before=2026-05-25T09:00:05").await, [json!(first)]);
    assert_eq!(found("pageSize=1&pageNumber=2").await, [json!(first)]);

    let zoned = cloud.get("v2/tasks?after=2026-05-25T09:00:05Z").await;
    zoned.finds_fault("after", "timezone_naive");
    cloud
        .get("v2/tasks?pageSize=101")
        .await
        .finds_fault("pageSize", "less_than_equal");
}

#[tokio::test]
async fn the_limits_of_a_task_are_kept() {
    let cloud = Simulated::start().await;
    let fine = json!({
        "task": "t".repeat(50_000),
        "maxSteps": 10_000,
        "systemPromptExtension": "s".repeat(10_000),
        "judgeGroundTruth": "j".repeat(10_000),
        "skillIds": ["*"],
    });
    cloud.post("v2/tasks", fine).await.is(202);
    for (field, value, kind) in [
        ("task", json!("t".repeat(50_001)), "string_too_long"),
        ("task", json!(""), "string_too_short"),
        ("maxSteps", json!(10_001), "less_than_equal"),
        ("maxSteps", json!(0), "greater_than_equal"),
        (
            "systemPromptExtension",
            json!("s".repeat(10_001)),
            "string_too_long",
        ),
        (
            "judgeGroundTruth",
            json!("j".repeat(10_001)),
            "string_too_long",
        ),
        ("vision", json!("maybe"), "value_error"),
        ("sessionId", json!("session"), "uuid_parsing"),
    ] {
        let mut asked = json!({ "task": "t" });
        asked[field] = value;
        cloud.post("v2/tasks", asked).await.finds_fault(field, kind);
    }
    let narrow = json!({ "task": "t", "sessionSettings": { "browserScreenWidth": 319 } });
    let refused = cloud.post("v2/tasks", narrow).await;
    refused.finds_fault("browserScreenWidth", "greater_than_equal");
    cloud
        .get("v2/tasks/no-id")
        .await
        .finds_fault("task_id", "uuid_parsing");
}

#[tokio::test]
async fn keys_have_the_same_meanings_as_in_v1() {
    let mut cloud = Simulated::start().await;
    let stranger = cloud.stranger(Method::GET, "/api/v2/tasks");
    Simulated::answer(stranger).await.is(401);
    for (key, status) in [
        ("bad-key", 401),
        ("no-subscription", 402),
        ("no-balance", 402),
        ("spend-limit", 402),
        ("too-many-sessions", 429),
    ] {
        let task = json!({ "task": "t" });
        cloud.with_key(key).post("v2/tasks", task).await.is(status);
    }
    let account = cloud.with_key("no-balance").get("v2/billing/account").await;
    assert_eq!(account.is(200)["totalCreditsBalanceUsd"], 0.0);
}

#[tokio::test]
async fn files_and_profiles_are_kept() {
    let cloud = Simulated::start().await;
    let made = cloud.post("v2/sessions", json!({})).await.is(201);
    let path = format!(
        "v2/files/sessions/{}/presigned-url",
        made["id"].as_str().unwrap()
    );
    let file = |content_type: &str| json!({ "fileName": "data.csv", "contentType": content_type, "sizeBytes": 3 });
    let upload = cloud.post(&path, file("text/csv")).await.is(200);
    assert_eq!(upload["method"], "POST");
    let posted = cloud.stranger(Method::POST, upload["url"].as_str().unwrap());
    Simulated::answer(posted.body("a form")).await.is(200);
    cloud.post(&path, file("text/x-virus")).await.is(400);

    let made = cloud
        .post("v2/profiles", json!({ "name": "shop", "userId": "7" }))
        .await;
    let profile = made.is(201);
    let path = format!("v2/profiles/{}", profile["id"].as_str().unwrap());
    let change = Some(json!({ "name": "kiosk" }));
    let changed = cloud.call(Method::PATCH, &path, change).await.is(200);
    assert_eq!(
        (&changed["name"], &changed["userId"]),
        (&json!("kiosk"), &json!("7"))
    );
    let found = cloud.get("v2/profiles?query=kio").await.is(200);
    assert_eq!(found["totalItems"], 1);
    assert_eq!(
        cloud.get("v2/profiles?query=shop").await.is(200)["totalItems"],
        0
    );
    cloud.delete(&path).await.is(204);
    cloud.get(&path).await.is(404);
}
