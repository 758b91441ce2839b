//! What is made of good answers, and of those that cannot be understood.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::cloud::v1;
use tidings::cloud::v2;
use wiremock::ResponseTemplate;

use super::answering;
use super::json as answer;

/// A task with every field of the vendor's page on it, and some that are not.
fn task() -> Value {
    json!({
        "id": "t-1", "task": "look", "output": null, "status": "daydreaming",
        "created_at": "2025-05-25T09:22:22.269116+00:00",
        "steps": [{
            "id": "st-1", "step": 1, "evaluation_previous_goal": "good", "next_goal": "more",
            "url": "https://site.test", "mood": "bright",
        }],
        "live_url": null, "finished_at": null,
        "browser_data": { "cookies": [{ "name": "a", "value": "c00kie" }] },
        "user_uploaded_files": ["in.csv"], "output_files": null, "public_share_url": null,
        "metadata": { "team": "a" }, "brand_new": { "x": 1 },
    })
}

#[tokio::test]
async fn every_documented_field_is_known_and_nothing_unknown_is_lost() {
    let (_server, client) = answering(answer(task())).await;

    let got = client.v1().task("t-1").await.unwrap();

    assert_eq!(got.status, "daydreaming");
    assert_eq!(got.extra.keys().collect::<Vec<_>>(), ["brand_new"]);
    let step = &got.steps.as_ref().unwrap()[0];
    assert_eq!(step.extra.keys().collect::<Vec<_>>(), ["mood"]);
    assert_eq!(serde_json::to_value(&got).unwrap(), task());
}

#[tokio::test]
async fn a_listing_is_read_though_fields_are_null_or_missing() {
    let listing = json!({
        "tasks": [{ "id": "t-1", "status": "finished", "finished_at": null }],
        "total_pages": 3, "page": 1, "limit": 10, "total_count": 25, "brand_new": 1,
    });
    let (_server, client) = answering(answer(listing)).await;

    let page = client.v1().tasks(v1::Paging::default()).await.unwrap();

    assert_eq!(page.tasks[0].id, "t-1");
    assert_eq!(page.totals.total_count, Some(25));
    assert_eq!(page.extra.keys().collect::<Vec<_>>(), ["brand_new"]);
}

#[tokio::test]
async fn a_page_of_v2_is_read_with_its_times_in_utc() {
    let listing = json!({
        "items": [{
            "id": "t-1", "sessionId": "s-1", "llm": "m", "task": "look", "status": "started",
            "createdAt": "2025-05-25T09:22:22.269116", "suggestions": null,
        }],
        "totalItems": 1, "pageNumber": 1, "pageSize": 10,
    });
    let (_server, client) = answering(answer(listing)).await;

    let page = client.v2().tasks(&v2::ListTasks::default()).await.unwrap();

    let created = page.items[0].created_at.as_ref().unwrap();
    let time = created.read().unwrap().to_string();
    assert_eq!(time, "2025-05-25T09:22:22.269116Z");
}

#[tokio::test]
async fn screenshots_that_are_none_are_none() {
    let (_server, client) = answering(answer(json!({ "screenshots": null }))).await;
    assert_eq!(
        client.v1().screenshots("t-1").await.unwrap().screenshots,
        None
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_told_by_its_place_and_not_quoted() {
    let mut told = Vec::new();
    for body in [
        r#"{"id":"t-1","status":"s3cret","steps":[{"step":"s3cret"}]}"#,
        r#"{"id":"t-1"}"#,
        r#"{"id":"t-1","status":"s3"#,
        "<html>s3cret</html>",
        "",
    ] {
        let (_server, client) = answering(ResponseTemplate::new(200).set_body_string(body)).await;
        let error = client.v1().task("t-1").await.unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
        told.push(error);
    }
    assert_snapshot!(told.join("\n"), @"
    GET /api/v1/task/t-1: the answer cannot be understood (another value than documented at `steps[0].step`): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings
    GET /api/v1/task/t-1: the answer cannot be understood (missing field `status`): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings
    GET /api/v1/task/t-1: the answer cannot be understood (it ends too early at `status`): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings
    GET /api/v1/task/t-1: the answer cannot be understood (it is no JSON): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings
    GET /api/v1/task/t-1: the answer cannot be understood (it ends too early): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings
    ");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let endless = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 33 * 1024 * 1024]);
    let (_server, client) = answering(endless).await;
    let error = client.v1().task("t-1").await.unwrap_err();
    assert_snapshot!(error, @"GET /api/v1/task/t-1: the answer cannot be understood (it is longer than 32 MiB): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings");
}
