//! Looking at tasks and at what was said about them.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::receiver::Receiver;

/// The ids of the tasks that a query lists, page by page.
async fn listed(receiver: &Receiver, query: &str) -> Vec<String> {
    let caller = receiver.caller();
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller
            .finds(&format!("/tasks?limit=2&{query}{cursor}"))
            .await;
        let tasks = page["data"].as_array().expect("a list");
        ids.extend(
            tasks
                .iter()
                .map(|task| task["id"].as_str().expect("an id").to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// A line of a timeline, as a person would tell it.
fn told(entry: &Value) -> String {
    format!(
        "{} {} {}, {}",
        entry["at"].as_str().expect("a time"),
        entry["status"],
        entry["state"],
        entry["effect"],
    )
}

#[tokio::test]
async fn a_task_is_shown_with_all_that_its_events_told() {
    let receiver = Receiver::start().await;
    for status in ["initializing", "started", "completed"] {
        receiver.hears("task_1", status).await;
        receiver.clock.advance(SignedDuration::from_mins(1));
    }
    receiver.follow_all().await;

    let task = receiver.caller().finds("/tasks/task_1").await;
    assert_snapshot!(serde_json::to_string_pretty(&task).expect("JSON"), @r#"
    {
      "api": null,
      "as_of": "2026-05-25T09:02:00.000002Z",
      "cost": null,
      "created_at": "2026-05-25T09:00:00.000000Z",
      "ended": true,
      "error": null,
      "finished_at": "2026-05-25T09:02:00.000002Z",
      "first_seen_at": "2026-05-25T09:00:00.000000Z",
      "fresh_unavailable": null,
      "id": "task_1",
      "kind": "task",
      "last_seen_at": "2026-05-25T09:02:00.000000Z",
      "links": {
        "events": "/api/v1/events?task_id=task_1",
        "self": "/api/v1/tasks/task_1",
        "timeline": "/api/v1/tasks/task_1/timeline",
        "wait": "/api/v1/tasks/task_1/wait"
      },
      "metadata": {
        "team": "tests"
      },
      "outcome": null,
      "output": null,
      "output_files": null,
      "output_is_cut": null,
      "session_id": "session_1",
      "source": "webhook",
      "started_at": "2026-05-25T09:01:00.000001Z",
      "state": "finished",
      "status": "completed",
      "task": null
    }
    "#);
    assert_eq!(receiver.caller().finds("/tasks/session_1").await, task);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_run_and_a_session_are_tasks_where_nothing_below_them_is_named() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    for payload in [
        r#""run_id":"run_1","session_id":"session_2","status":"queued""#,
        r#""session_id":"session_3","status":"idle""#,
    ] {
        let body = format!(r#"{{"type":"session.status.update","payload":{{{payload}}}}}"#);
        receiver.cloud.posts(&body).await.accepted();
    }
    receiver.follow_all().await;

    for (id, found, kind) in [
        ("run_1", "run_1", "run"),
        ("session_2", "run_1", "run"),
        ("session_3", "session_3", "session"),
    ] {
        let task = caller.finds(&format!("/tasks/{id}")).await;
        assert_eq!((&task["id"], &task["kind"]), (&found.into(), &kind.into()));
    }
    let unknown = caller.gets("/api/v1/tasks/nobody").await;
    assert_snapshot!(unknown.told(), @r#"
    404
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no task `nobody`"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_filter_lists_the_tasks_it_says_and_no_more() {
    let receiver = Receiver::start().await;
    for (task, status) in [
        ("task_1", "finished"),
        ("task_2", "started"),
        ("task_3", "failed"),
        ("task_4", "daydreaming"),
        ("task_5", "completed"),
    ] {
        receiver.hears(task, status).await;
        receiver.clock.advance(SignedDuration::from_mins(1));
    }
    receiver.follow_all().await;

    for (query, expected) in [
        ("", vec!["task_5", "task_4", "task_3", "task_2", "task_1"]),
        ("order=asc&state=finished", vec!["task_1", "task_5"]),
        ("state=failed,running", vec!["task_3", "task_2"]),
        ("state=daydreaming", vec!["task_4"]),
        ("ended=true", vec!["task_5", "task_3", "task_1"]),
        ("ended=false", vec!["task_4", "task_2"]),
        ("ended=true&state=failed,running", vec!["task_3"]),
        ("ended=false&state=failed", vec![]),
        ("session_id=session_1&ended=false", vec!["task_4", "task_2"]),
        ("metadata.team=tests&state=failed", vec!["task_3"]),
        ("metadata.team=others", vec![]),
        (
            "since=2026-05-25T09:01:00Z&until=2026-05-25T09:03:00Z",
            vec!["task_3", "task_2"],
        ),
    ] {
        assert_eq!(listed(&receiver, query).await, expected, "{query}");
    }

    let caller = receiver.caller();
    let page = caller.finds("/tasks?limit=1").await;
    let cursor = page["next_cursor"].as_str().expect("there is more");
    let other = caller
        .gets(&format!("/api/v1/tasks?ended=true&cursor={cursor}"))
        .await;
    assert_eq!(other.slug(), "invalid-cursor");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_timeline_tells_what_each_word_changed() {
    let receiver = Receiver::start().await;
    let late = receiver.cloud.status_update("task_1", "started");
    receiver.clock.advance(SignedDuration::from_mins(1));
    for status in ["running", "paused"] {
        receiver.hears("task_1", status).await;
        receiver.clock.advance(SignedDuration::from_mins(1));
    }
    receiver.cloud.posts(&late).await.accepted();
    receiver.cloud.posts(&late).await.known();
    for status in ["finished", "completed", "running"] {
        receiver.hears("task_1", status).await;
    }
    receiver.follow_all().await;

    let caller = receiver.caller();
    let whole = caller.finds("/tasks/task_1/timeline").await;
    let whole = whole["data"].as_array().expect("a list");
    let lines: Vec<_> = whole.iter().map(told).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    2026-05-25T09:01:00.000001Z "running" "running", "changed"
    2026-05-25T09:02:00.000002Z "paused" "paused", "changed"
    2026-05-25T09:00:00.000000Z "started" "running", "late"
    2026-05-25T09:03:00.000003Z "finished" "finished", "changed"
    2026-05-25T09:03:00.000004Z "completed" "finished", "confirmed"
    2026-05-25T09:03:00.000005Z "running" "running", "overruled"
    "#);
    assert_eq!(whole[2]["times_received"], 2);

    // In pages it is the same: what an entry changed does not depend on where a page begins.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller
            .finds(&format!("/tasks/task_1/timeline?limit=2{cursor}"))
            .await;
        paged.extend_from_slice(page["data"].as_array().expect("a list"));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, whole);
    receiver.stop_cleanly().await;
}
