//! Waiting for outputs, which have to be asked for, and may come after the end.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;

use crate::harness::linked::Linked;

/// Starts a v1 task, and lets it end.
async fn ended(linked: &mut Linked, task: &str) -> String {
    let id = linked.cloud.run_task(task).await;
    linked.passes(10).await;
    linked.asked();
    id
}

fn path(id: &str, timeout: &str) -> String {
    format!("/api/v1/tasks/{id}/wait?with=output&timeout={timeout}")
}

#[tokio::test]
async fn the_output_of_an_ended_task_is_asked_for_once() {
    let mut linked = Linked::start().await;
    let id = ended(&mut linked, "t").await;
    let caller = linked.receiver.caller();
    for _ in 0..3 {
        let reply = caller.gets(&path(&id, "1s")).await;
        assert_eq!(reply.status, 200);
        let task = reply.json();
        assert_eq!(task["output"], "Done: t");
        assert_eq!(task["output_unavailable"], Value::Null);
    }
    let [v2, v1] = ["v2/tasks", "v1/task"].map(|path| format!("GET /api/{path}/{id}"));
    assert_eq!(linked.asked(), [v2, v1]);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_output_that_lags_is_waited_for() {
    let mut linked = Linked::start().await;
    linked
        .cloud
        .misbehaves(json!({ "output_lag": "30s" }))
        .await
        .is(200);
    let id = ended(&mut linked, "t").await;
    let caller = linked.receiver.caller();

    let early = caller.gets(&path(&id, "0s")).await;
    assert_eq!(early.status, 202);
    let task = early.json();
    assert_eq!(
        (&task["state"], &task["output"]),
        (&json!("finished"), &Value::Null)
    );
    assert_snapshot!(task["output_unavailable"], @r#""Browser Use does not have it yet""#);
    linked.asked();

    let path = path(&id, "30s");
    let comes = async {
        while linked.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        linked.cloud.passes(30).await;
    };
    let (reply, ()) = tokio::join!(caller.gets(&path), comes);
    assert_eq!(
        (reply.status, &reply.json()["output"]),
        (200, &json!("Done: t"))
    );
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_output_that_will_not_come_is_not_waited_for() {
    let mut linked = Linked::start().await;
    linked
        .cloud
        .misbehaves(json!({ "output_lag": "1h" }))
        .await
        .is(200);
    let late = ended(&mut linked, "t").await;
    let failed = ended(&mut linked, "t simulate:fails").await;
    linked.passes(110).await;
    let ids = format!("{late},{failed}");
    let caller = linked.receiver.caller();
    let reply = caller
        .gets(&format!("/api/v1/tasks/wait?ids={ids}&with=output"))
        .await;
    assert_eq!(reply.status, 200);
    let told = reply.json();
    assert_snapshot!(told["data"][0]["output_unavailable"], @r#""Browser Use has none: the task is finished""#);
    assert_snapshot!(told["data"][1]["output_unavailable"], @r#""Browser Use has none: the task is failed""#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_output_that_cannot_be_asked_for_says_why() {
    let mut linked = Linked::with("").await;
    let id = ended(&mut linked, "t").await;
    let reply = linked.receiver.caller().gets(&path(&id, "60s")).await;
    assert_eq!(reply.status, 200);
    let task = reply.json();
    let why = task["output_unavailable"].to_string().replace(&id, "ID");
    assert_snapshot!(why, @r#""GET /api/v2/tasks/ID: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment""#);
    linked.receiver.stop_cleanly().await;
}
