//! What a sink would send, and why it did or did not get an event: nothing is sent for either.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::harness::caller::Caller;
use crate::harness::caller::Reply;
use crate::harness::linked::Linked;
use crate::harness::receiver::Receiver;

/// What the sink of these tests is: it wants some ends, and makes something of them.
const SINK: &str = r#"
    headers = { Authorization = "Bearer hidden-1" }
    signing_secrets = ["hidden-2"]
    [sink.template]
    body = '{"text": {{ (status ~ " " ~ metadata.team) | tojson }}}'
    query = { task = "{{ task_id }}" }
    headers = { X-Rank = "{{ metadata.rank }}" }
    [sink.filter]
    types = "agent.task.status_update"
    state = ["finished", "failed"]
    metadata = { team = "tests" }
    when = 'metadata.rank and body.payload.status != "failed"'
"#;

async fn post(caller: &Caller, path: &str, body: Value) -> Reply {
    let path = format!("/api/v1/sinks{path}");
    caller.calls(Method::POST, &path, &body).await
}

/// What the answer holds, with 200.
async fn found(caller: &Caller, path: &str, body: Value) -> Value {
    let reply = post(caller, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Why the sink did or did not get an event: the sentence, and a line for each verdict.
async fn judged(receiver: &Receiver, event: &str) -> String {
    let judged = found(
        &receiver.caller(),
        "/backend/test",
        json!({ "event": event }),
    )
    .await;
    let holding = judged["verdicts"].as_array().expect("a list").iter();
    let lines = holding.map(|verdict| {
        let holds = if verdict["holds"] == true { "+" } else { "-" };
        let note = verdict["note"].as_str().unwrap_or_default();
        let line = format!(
            "{holds} {} {} {} {note}",
            verdict["part"].as_str().expect("a key"),
            verdict["wanted"],
            verdict["found"]
        );
        line.trim_end().to_owned()
    });
    let summary = judged["summary"].as_str().expect("a sentence").to_owned();
    let lines: Vec<String> = std::iter::once(summary).chain(lines).collect();
    lines.join("\n")
}

/// Has a receiver hear that a task has a status, with these metadata. The event's id.
async fn hears(receiver: &Receiver, task: &str, status: &str, metadata: &Value) -> String {
    let update = json!({
        "type": "agent.task.status_update", "timestamp": "2026-05-25T09:00:00Z",
        "payload": { "task_id": task, "status": status, "metadata": metadata },
    });
    receiver.cloud.posts(&update.to_string()).await.accepted()
}

#[tokio::test]
async fn each_part_of_a_filter_says_why_an_event_came_or_did_not() {
    let receiver = Receiver::with(SINK).await;
    let wanted = json!({ "team": "tests", "rank": "1" });
    let starts = hears(&receiver, "task_1", "started", &wanted).await;
    let fails = hears(&receiver, "task_2", "failed", &json!({ "team": "others" })).await;
    let ends = hears(&receiver, "task_1", "finished", &wanted).await;

    assert_snapshot!(judged(&receiver, &starts).await, @r#"
    It does not match: `state` does not let it through.
    + types ["agent.task.status_update"] "agent.task.status_update"
    - state ["finished","failed"] "running"
    + metadata {"team":["tests"]} {"rank":"1","team":"tests"}
    + when "metadata.rank and body.payload.status != \"failed\"" true
    "#);
    assert_snapshot!(judged(&receiver, &fails).await, @r#"
    It does not match: `metadata` and `when` do not let it through.
    + types ["agent.task.status_update"] "agent.task.status_update"
    + state ["finished","failed"] "failed"
    - metadata {"team":["tests"]} {"team":"others"}
    - when "metadata.rank and body.payload.status != \"failed\"" false
    "#);
    assert_snapshot!(judged(&receiver, &ends).await, @r#"
    It matches, and its delivery is pending.
    + types ["agent.task.status_update"] "agent.task.status_update"
    + state ["finished","failed"] "finished"
    + metadata {"team":["tests"]} {"rank":"1","team":"tests"}
    + when "metadata.rank and body.payload.status != \"failed\"" true
    "#);
    receiver.dispatch_all().await;
    let sent = found(
        &receiver.caller(),
        "/backend/test",
        json!({ "event": ends }),
    )
    .await;
    assert_eq!(sent["matches"], true);
    assert_eq!(
        sent["summary"],
        "It matches, and its delivery is delivered."
    );
    let delivery = &sent["deliveries"][0];
    assert_eq!(
        (&delivery["sink"], &delivery["event_id"]),
        (&json!("backend"), &json!(ends))
    );
    assert_eq!(receiver.sink.got().len(), 1, "looking sends nothing");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_was_owed_to_nobody_or_sent_by_hand_is_told_as_that() {
    let receiver = Receiver::with("[sink.filter]\nstatus = \"finished\"").await;
    let first = receiver.hears("task_1", "finished").await;
    let again = receiver.hears("task_1", "finished").await;
    let stuck = receiver.hears("task_2", "started").await;
    receiver.dispatch_all().await;
    receiver.replay(&stuck).await;

    let told = judged(&receiver, &again).await;
    assert!(
        told.starts_with(&format!(
            "It matches, but tells once more what {first} had told: nothing is owed for it."
        )),
        "{told}"
    );
    assert_snapshot!(judged(&receiver, &stuck).await, @r#"
    It does not match now: `status` does not let it through. Yet there is a delivery, which is pending.
    + types [] "agent.task.status_update"
    - status ["finished"] "started"
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_part_that_looks_at_the_task_is_told_when_the_task_is_known() {
    let keys = "enrich = \"task\"\nfilter = { task = { outcome = \"failure\" } }";
    let settings = "api_key = \"a key\"\nversions = [\"v2\"]";
    let linked = Linked::with_sink(keys, settings).await;
    let made = linked.cloud.post("v2/tasks", json!({ "task": "t" })).await;
    let id = made.is(202)["id"].as_str().expect("an id").to_owned();
    linked.passes(11).await;
    let receiver = &linked.receiver;
    receiver.dispatch_all().await;
    let event = async |status: &str| {
        let path = format!("/events?task_id={id}&status={status}");
        let page = receiver.caller().finds(&path).await;
        page["data"][0]["id"].as_str().expect("an id").to_owned()
    };
    let (start, end) = (event("started").await, event("finished").await);

    assert_snapshot!(judged(receiver, &start).await, @r#"
    It matches, and its delivery is delivered.
    + types [] "agent.task.status_update"
    + task {"outcome":["failure"]} null it is asked of the news of an end alone
    "#);
    assert_snapshot!(judged(receiver, &end).await, @r#"
    It matches, and its delivery is pending.
    + types [] "agent.task.status_update"
    + task {"outcome":["failure"]} null the task is looked up still
    "#);
    receiver.enrich_and_dispatch().await;
    assert_snapshot!(judged(receiver, &end).await, @r#"
    It does not match: `task.outcome` does not let it through. Its delivery is discarded (filtered).
    + types [] "agent.task.status_update"
    - task.outcome ["failure"] "success"
    "#);

    // What would have been sent is shown with the task.
    let shown = found(
        &receiver.caller(),
        "/backend/render",
        json!({ "event": end }),
    )
    .await;
    let body = shown["rendering"]["body"].as_str().expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["task"]["output"], "Done: t");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_is_shown_is_what_is_sent_without_its_secrets() {
    let receiver = Receiver::with(SINK).await;
    let caller = receiver.caller();
    let metadata = json!({ "team": "tests", "rank": "1" });
    let event = hears(&receiver, "task_1", "finished", &metadata).await;

    let shown = found(&caller, "/backend/render", json!({ "event": event })).await;
    assert!(!shown.to_string().contains("hidden"), "{shown}");
    assert_eq!(
        (&shown["error"], &shown["sample"]),
        (&json!(null), &json!(null))
    );
    let rendering = &shown["rendering"];
    let url = format!("{}?task=task_1", receiver.sink.url());
    assert_eq!(
        (&rendering["kind"], &rendering["method"], &rendering["url"]),
        (&json!("request"), &json!("POST"), &json!(url))
    );
    assert_eq!(receiver.sink.got().len(), 0);

    receiver.dispatch_all().await;
    let got = receiver.sink.got().remove(0);
    assert_eq!(got.event, json!({ "text": "finished tests" }));
    assert_eq!(rendering["body"], got.event.to_string().replace(':', ": "));
    for (name, value) in rendering["headers"].as_object().expect("an object") {
        match value.as_str().expect("text") {
            "[secret]" => assert!(["authorization", "webhook-signature"].contains(&name.as_str())),
            value => assert_eq!(got.header(name), Some(value), "{name}"),
        }
    }
    assert_eq!(got.header("authorization"), Some("Bearer hidden-1"));
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_sample_is_shown_before_there_is_an_event() {
    let receiver = Receiver::with(
        &SINK
            .replace("metadata.rank and ", "")
            .replace("{{ metadata.rank }}", "1"),
    )
    .await;
    let caller = receiver.caller();
    let shown = found(&caller, "/backend/render", json!({ "sample": "finished" })).await;
    assert_eq!(shown["sample"], "`agent.task.status_update`, finished");
    assert_eq!(shown["rendering"]["body"], r#"{"text": "finished tests"}"#);

    for body in [
        json!({}),
        json!({ "sample": "finished", "event": shown["event_id"] }),
    ] {
        let unclear = post(&caller, "/backend/render", body).await;
        assert_eq!(
            (unclear.status, &*unclear.slug()),
            (400, "invalid-parameter")
        );
    }
    let stranger = post(&caller, "/backend/render", json!({ "sample": "started" })).await;
    assert_snapshot!(stranger.told(), @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`sample` names none that this sink's filter lets through; there are: finished, agent.task.status_update, failed"}
    "#);
    let never = json!({ "event": shown["event_id"] });
    for path in ["/backend/render", "/backend/test"] {
        let unknown = post(&caller, path, never.clone()).await;
        assert_eq!((unknown.status, &*unknown.slug()), (404, "not-found"));
    }
    for path in ["/nobody/render", "/nobody/test"] {
        let unknown = post(&caller, path, never.clone()).await;
        assert_eq!((unknown.status, &*unknown.slug()), (404, "not-found"));
    }
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_dead_at_once_and_can_be_looked_at() {
    let receiver = Receiver::with(SINK).await;
    let caller = receiver.caller();
    // No sample has such a rank.
    let metadata = json!({ "team": "tests", "rank": "1\r\nX-Evil: 1" });
    let event = hears(&receiver, "task_1", "finished", &metadata).await;

    let shown = found(&caller, "/backend/render", json!({ "event": event })).await;
    assert_eq!(shown["rendering"], Value::Null);
    let error = shown["error"].as_str().expect("a reason");
    assert!(error.contains("`template.headers.X-Rank` fails"), "{error}");
    receiver.dispatch_all().await;
    assert_snapshot!(receiver.deliveries().await, @"backend: dead after 1 attempt (cannot be sent: `template.headers.X-Rank` fails: this printed what no header can hold, such as the end of a line; `{{ … | urlencode }}` and `{{ … | tojson }}` print such a text on one line)");
    assert_eq!(receiver.sink.got().len(), 0);
    receiver.log.expects("backend");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn the_test_of_a_sink_that_wants_tasks_has_one_that_could_not_be_had() {
    let sink = r#"
        enrich = "task"
        [sink.template]
        body = '{"cost": {{ task.cost | default("unknown") | tojson }}, "why": {{ task_unavailable | tojson }}}'
        [sink.filter]
        state = "finished"
    "#;
    let receiver = Receiver::with(sink).await;
    let sent = found(&receiver.caller(), "/backend/test", json!({})).await;
    assert_eq!(sent["outcome"], "delivered", "{sent}");
    assert_eq!(
        receiver.sink.got()[0].event,
        json!({ "cost": "unknown", "why": "this is a test, of no task" })
    );
    receiver.stop_cleanly().await;
}
