//! What tasks leave behind: recordings, screenshots, files.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::harness::linked::Linked;
use crate::harness::simulated::Simulated;

/// A v1 and a v2 task.
async fn tasks(linked: &Linked) -> [String; 2] {
    let made = linked.cloud.post("v2/tasks", json!({ "task": "t" })).await;
    let v2 = made.is(202)["id"].as_str().expect("an id").to_owned();
    [linked.cloud.run_task("t").await, v2]
}

#[tokio::test]
async fn recordings_come_with_the_end_of_a_task_that_has_them() {
    let linked = Linked::start().await;
    let [v1, v2] = tasks(&linked).await;
    let caller = linked.receiver.caller();
    let early = caller.gets(&format!("/api/v1/tasks/{v1}/media")).await;
    assert_snapshot!(early.told().replace(&v1, "V1"), @r#"
    409
    {"type":"/problems/not-yet","title":"not yet","status":409,"detail":"GET /api/v1/task/V1/media: not yet (400 Bad Request: Media is only available for completed tasks): ask again when the task has ended"}
    "#);

    linked.passes(10).await;
    let media = caller.finds(&format!("/tasks/{v1}/media")).await;
    assert_eq!(media["api"], "v1");
    let url = media["recordings"][0].as_str().expect("an address");
    Simulated::answer(linked.cloud.stranger(Method::GET, url))
        .await
        .is(200);

    let none = caller.gets(&format!("/api/v1/tasks/{v2}/media")).await;
    assert_snapshot!(none.told().replace(&v2, "V2"), @r#"
    409
    {"type":"/problems/not-in-this-api","title":"not in this api","status":409,"detail":"`V2`: Tidings knows no call in v2 for recordings of a task"}
    "#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn screenshots_are_there_as_soon_as_they_are_taken() {
    let linked = Linked::start().await;
    let ids = tasks(&linked).await;
    let caller = linked.receiver.caller();
    for (seconds, count) in [(2, 0), (4, 2), (4, 3)] {
        linked.passes(seconds).await;
        for id in &ids {
            let told = caller.finds(&format!("/tasks/{id}/screenshots")).await;
            let urls = told["screenshots"].as_array().expect("a list");
            assert_eq!(urls.len(), count, "{id} after {seconds} s");
        }
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_file_is_had_by_its_name_from_the_vendor_or_through_us() {
    let linked = Linked::start().await;
    let ids = tasks(&linked).await;
    linked.passes(10).await;
    let caller = linked.receiver.caller();
    for id in &ids {
        let path = format!("/api/v1/tasks/{id}/output-files/result.txt?download=true");
        let file = caller.gets(&path).await;
        assert_eq!(
            (file.status, file.text()),
            (200, "What came of: t\n".to_owned())
        );
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(
            file.header("content-disposition"),
            "attachment; filename*=UTF-8''result.txt"
        );
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn who_asks_for_a_file_that_is_not_there_is_told_which_are() {
    let linked = Linked::start().await;
    let ids = tasks(&linked).await;
    let caller = linked.receiver.caller();
    let mut told = Vec::new();
    for seconds in [0, 10] {
        linked.passes(seconds).await;
        for id in &ids {
            let path = format!("/api/v1/tasks/{id}/output-files/other.txt");
            told.push(caller.gets(&path).await.text().replace(id, "ID"));
        }
    }
    assert_snapshot!(told.join("\n"), @r#"
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no file `other.txt`: the task has made none"}
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no file `other.txt`: the task has made none"}
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no file `other.txt`: the task has made `result.txt`"}
    {"type":"/problems/not-found","title":"not found","status":404,"detail":"there is no file `other.txt`: the task has made `result.txt`"}
    "#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn who_asks_for_a_file_is_sent_to_a_fresh_address() {
    let linked = Linked::start().await;
    let [v1, _] = tasks(&linked).await;
    linked.passes(10).await;
    let path = format!("/api/v1/tasks/{v1}/output-files/result.txt");
    let moved = linked.receiver.caller().stays().gets(&path).await;
    assert_eq!(moved.status, 307);
    let url = moved.header("location");
    assert!(url.starts_with(linked.cloud.url()), "{url}");
    Simulated::answer(linked.cloud.stranger(Method::GET, url))
        .await
        .is(200);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn how_a_task_stands_is_asked_until_it_has_ended() {
    let mut linked = Linked::start().await;
    let [v1, _] = tasks(&linked).await;
    linked.asked();
    let caller = linked.receiver.caller();
    let path = format!("/tasks/{v1}/status");
    let mut told = Vec::new();
    for seconds in [0, 2, 8, 1] {
        linked.cloud.passes(seconds).await;
        let status = caller.finds(&path).await;
        told.push(format!(
            "{} {} {}",
            status["state"],
            status["source"],
            linked.asked().len()
        ));
    }
    // v2 is asked once, and nobody when it is over.
    assert_eq!(
        told,
        [
            r#""created" "look-up" 2"#,
            r#""running" "look-up" 1"#,
            r#""finished" "look-up" 1"#,
            r#""finished" "look-up" 0"#,
        ]
    );
    linked.receiver.stop_cleanly().await;
}
