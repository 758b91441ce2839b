//! Starting tasks, and telling them to stop, to pause and to go on.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::caller::Reply;
use crate::harness::linked::Linked;

async fn posts(linked: &Linked, path: &str, body: Value) -> Reply {
    let caller = linked.receiver.caller();
    let path = format!("/api/v1/tasks{path}");
    caller.calls(Method::POST, &path, &body).await
}

/// Starts a task, and says its id.
async fn started(linked: &Linked, api: &str) -> String {
    let task = json!({ "task": "look", "metadata": { "team": "tests" } });
    let reply = posts(linked, &format!("?api={api}"), task).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    let id = reply.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(reply.header("location"), format!("/api/v1/tasks/{id}"));
    id
}

async fn state(linked: &Linked, id: &str) -> Value {
    let caller = linked.receiver.caller();
    caller.finds(&format!("/tasks/{id}")).await["state"].clone()
}

#[tokio::test]
async fn a_task_is_known_before_its_first_webhook_which_finds_it() {
    for (api, call) in [
        ("v2", "POST /api/v2/tasks"),
        ("v1", "POST /api/v1/run-task"),
    ] {
        let mut linked = Linked::start().await;
        let id = started(&linked, api).await;
        assert_eq!(linked.asked(), [call]);

        let caller = linked.receiver.caller();
        let task = caller.finds(&format!("/tasks/{id}")).await;
        assert_eq!(task["state"], "created");
        assert_eq!((&task["api"], &task["task"]), (&json!(api), &json!("look")));
        assert_eq!(task["source"], "gateway");
        assert_eq!(task["metadata"], json!({ "team": "tests" }));
        assert!(api == "v1" || task["session_id"].is_string());

        linked.passes(10).await;
        let tasks = caller.finds("/tasks").await;
        assert_eq!(tasks["data"].as_array().expect("a list").len(), 1);
        assert_eq!(tasks["data"][0]["state"], "finished");
        let timeline = caller.finds(&format!("/tasks/{id}/timeline")).await;
        let lines = timeline["data"].as_array().expect("a list");
        assert_eq!(lines[0]["source"], "gateway");
        assert!(lines.len() > 2 && lines[1..].iter().all(|line| line["source"] == "webhook"));
        linked.receiver.stop_cleanly().await;
    }
}

#[tokio::test]
async fn a_task_can_be_started_and_waited_for_at_once() {
    let linked = Linked::start().await;
    let body = json!({ "task": "look" });
    let passing = async {
        linked.receiver.has_waiters(1).await;
        linked.cloud.passes(10).await;
    };
    let run = posts(&linked, "?wait=60s&with=output", body.clone());
    let (reply, ()) = tokio::join!(run, passing);
    assert_eq!(reply.status, 200);
    let task = reply.json();
    assert_eq!(
        (&task["state"], &task["output"]),
        (&json!("finished"), &json!("Done: look"))
    );

    let early = posts(&linked, "?wait=0s", body).await;
    assert_eq!(early.status, 202);
    let task = early.json();
    assert_eq!(task["state"], "created");
    let next = format!(
        "/api/v1/tasks/{}/wait?timeout=1s",
        task["id"].as_str().expect("an id")
    );
    assert_eq!(task["next"], next);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn tasks_do_what_they_are_told_and_it_is_known_at_once() {
    let linked = Linked::start().await;
    let [v1, v2] = [started(&linked, "v1").await, started(&linked, "v2").await];
    linked.passes(2).await;
    for (id, order, now) in [
        (&v1, "pause", "paused"),
        (&v1, "resume", "running"),
        (&v1, "stop", "stopped"),
        (&v2, "stop", "stopped"),
        // As often as one likes.
        (&v2, "stop", "stopped"),
    ] {
        linked.passes(1).await;
        let reply = posts(&linked, &format!("/{id}/{order}"), json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.json()["state"], now, "{order}");
        assert_eq!(state(&linked, id).await, now);
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_a_version_lacks_or_the_vendor_refuses_says_so() {
    let linked = Linked::start().await;
    let [v1, v2] = [started(&linked, "v1").await, started(&linked, "v2").await];
    let told = |reply: Reply| reply.told().replace(&v1, "V1").replace(&v2, "V2");

    let paused = posts(&linked, &format!("/{v2}/pause"), json!({})).await;
    assert_snapshot!(told(paused), @r#"
    409
    {"type":"/problems/not-in-this-api","title":"not in this api","status":409,"detail":"`V2`: Tidings knows no call in v2 for pausing a task"}
    "#);
    let resumed = posts(&linked, &format!("/{v1}/resume"), json!({})).await;
    assert_snapshot!(told(resumed), @r#"
    422
    {"type":"/problems/cloud-refused","title":"cloud refused","status":422,"detail":"PUT /api/v1/resume-task: Browser Use refuses this (400 Bad Request: Task is not paused)"}
    "#);
    let nobody = posts(&linked, "/nobody/stop", json!({})).await;
    assert_eq!(nobody.slug(), "not-found");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let mut all = Vec::new();
    for (key, query) in [
        ("", ""),
        ("bad-key", ""),
        ("no-subscription", "?api=v1"),
        ("no-balance", ""),
        ("too-many-sessions", ""),
    ] {
        let linked = Linked::with(&format!("api_key = \"{key}\"")).await;
        let reply = posts(&linked, query, json!({ "task": "look" })).await;
        all.push(reply.told());
        linked.receiver.stop_cleanly().await;
    }
    assert_snapshot!(all.join("\n"), @r#"
    503
    {"type":"/problems/cloud-no-key","title":"cloud no key","status":503,"detail":"POST /api/v2/tasks: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment"}
    502
    {"type":"/problems/cloud-bad-key","title":"cloud bad key","status":502,"detail":"POST /api/v2/tasks: Browser Use does not take the key (401 Unauthorized: Invalid API key): compare `cloud.api_key` with the keys at https://cloud.browser-use.com/settings?tab=api-keys"}
    402
    {"type":"/problems/cloud-no-subscription","title":"cloud no subscription","status":402,"detail":"POST /api/v1/run-task: Browser Use asks for an active subscription (403 Forbidden: This requires an active subscription.): see https://cloud.browser-use.com/billing"}
    402
    {"type":"/problems/cloud-no-balance","title":"cloud no balance","status":402,"detail":"POST /api/v2/tasks: the balance or the spend limit is used up (402 Payment Required: Insufficient credits: your balance is zero.): add credits or raise the limit at https://cloud.browser-use.com/billing"}
    429, again after 5 s
    {"type":"/problems/cloud-too-many-sessions","title":"cloud too many sessions","status":429,"detail":"POST /api/v2/tasks: too many sessions run at once (429 Too Many Requests: Too many concurrent active sessions. Please wait for one to finish, kill one, or upgrade your plan.): wait until one ends, or stop one"}
    "#);
}

#[tokio::test]
async fn a_request_that_breaks_a_limit_names_the_field_and_does_not_leave() {
    let mut linked = Linked::start().await;
    let mut all = Vec::new();
    for (query, body) in [
        ("", json!({ "task": "" })),
        ("", json!({ "task": "look", "maxSteps": 10_001 })),
        (
            "?api=v1",
            json!({ "task": "look", "metadata": { "a": "b".repeat(1001) } }),
        ),
        ("", json!({ "tusk": "look" })),
        (
            "",
            json!({ "task": "look", "sessionSettings": { "browserScreenWidth": "wide" } }),
        ),
        ("", json!({ "task": "look", "secrets": "s3cret" })),
        ("?api=v3", json!({ "task": "look" })),
    ] {
        all.push(posts(&linked, query, body).await.told());
    }
    assert_snapshot!(all.join("\n"), @r#"
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"POST /api/v2/tasks: `task` must be given"}
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"POST /api/v2/tasks: `maxSteps` is 10001: it goes from 1 to 10000"}
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"POST /api/v1/run-task: `metadata.a` has 1001 characters: 1000 are the most"}
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: missing field `task`"}
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: `sessionSettings.browserScreenWidth` has another kind of value than documented"}
    400
    {"type":"/problems/invalid-body","title":"invalid body","status":400,"detail":"the body does not read as asked for: `secrets` has another kind of value than documented"}
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`api` is `v1` or `v2`"}
    "#);
    assert!(linked.asked().is_empty());
    linked.receiver.stop_cleanly().await;
}
