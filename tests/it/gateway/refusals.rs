//! What does not go through, and what callers are told when there is no answer.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wiremock::ResponseTemplate;

use super::answering;
use super::gets;
use super::in_front_of;
use super::posts;
use super::requests;
use crate::harness::home::TOKEN;
use crate::harness::linked::Linked;
use crate::harness::receiver::Receiver;

#[tokio::test]
async fn what_is_not_on_the_list_does_not_go_through() {
    let (api, receiver) = answering(ResponseTemplate::new(200)).await;
    for path in [
        "/v2/skills",
        "/v2/browsers",
        "/v2/tasks/",
        "/v1/task",
        "/v1//me",
        "/v3/sessions/s-1/messages",
        "/v4/sessions",
        "/v5/tasks",
        "/simulator/mischief",
    ] {
        assert_eq!(gets(&receiver, path).await.slug(), "not-found", "{path}");
    }
    for (method, path) in [
        (Method::DELETE, "/v1/me"),
        (Method::POST, "/v3/sessions"),
        (Method::DELETE, "/v3/sessions/s-1"),
        (Method::POST, "/v4/runs"),
    ] {
        let path = format!("/cloud/api{path}");
        let reply = receiver.caller().calls(method, &path, &json!({})).await;
        assert_eq!(reply.slug(), "method-not-allowed", "{path}");
    }
    assert_eq!(requests(&api).await.len(), 0);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_path_that_the_vendor_would_read_otherwise_does_not_go_through() {
    let (api, receiver) = answering(ResponseTemplate::new(200)).await;
    // No URL library sends these, so they are written by hand.
    for path in [
        "/task/../me",
        "/task/%2e%2e/media",
        "/task/..%2fme/status",
        "/task/a%5Cb/gif",
    ] {
        let status = status_of(&receiver, &format!("/cloud/api/v1{path}")).await;
        assert!(status.starts_with("HTTP/1.1 40"), "{path}: {status}");
    }
    assert_eq!(requests(&api).await.len(), 0);
    receiver.stop_cleanly().await;
}

/// Asks with a path as it stands, and returns the first line of the answer.
async fn status_of(receiver: &Receiver, path: &str) -> String {
    let mut stream = TcpStream::connect(receiver.address()).await.unwrap();
    let head = [
        &format!("GET {path} HTTP/1.1"),
        "host: tidings",
        &format!("authorization: Bearer {TOKEN}"),
        "connection: close",
        "\r\n",
    ];
    stream
        .write_all(head.join("\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_body_that_is_too_large_does_not_go_up() {
    let (api, receiver) = answering(ResponseTemplate::new(200)).await;
    let limit = 4 * 1024 * 1024;
    let refused = posts(&receiver, "/v1/run-task", vec![b' '; limit + 1]).await;
    assert_eq!(
        (refused.status, refused.slug().as_str()),
        (413, "too-large")
    );
    assert_eq!(requests(&api).await.len(), 0);
    posts(&receiver, "/v1/run-task", vec![b' '; limit]).await;
    assert_eq!(requests(&api).await[0].body.len(), limit);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn callers_are_told_when_there_is_no_answer() {
    let receiver = in_front_of("http://127.0.0.1:1").await;
    assert_snapshot!(gets(&receiver, "/v1/me").await.told(), @r#"
    502
    {"type":"/problems/cloud-down","title":"cloud down","status":502,"detail":"GET /api/v1/me: Browser Use is down or cannot be reached (connection refused by 127.0.0.1:1): try again later"}
    "#);
    receiver.stop_cleanly().await;

    let answer = ResponseTemplate::new(307).insert_header("location", "https://elsewhere.test/");
    let (_api, receiver) = answering(answer).await;
    assert_snapshot!(gets(&receiver, "/v1/me").await.told(), @r#"
    502
    {"type":"/problems/cloud-no-such-address","title":"cloud no such address","status":502,"detail":"GET /api/v1/me: nothing is at this address (307 Temporary Redirect): `cloud.base_url` is where the API is, as in https://api.browser-use.com"}
    "#);
    receiver.stop_cleanly().await;

    let answer = ResponseTemplate::new(200).insert_header("content-encoding", "gzip");
    let (_api, receiver) = answering(answer).await;
    assert_snapshot!(gets(&receiver, "/v1/me").await.told(), @r#"
    502
    {"type":"/problems/cloud-not-understood","title":"cloud not understood","status":502,"detail":"GET /api/v1/me: the answer cannot be understood (it is compressed): see whether `cloud.base_url` is Browser Use's, and whether there is a newer Tidings"}
    "#);
    receiver.stop_cleanly().await;

    let receiver = Receiver::start().await;
    assert_snapshot!(posts(&receiver, "/v2/tasks", "{}").await.told(), @r#"
    503
    {"type":"/problems/cloud-no-key","title":"cloud no key","status":503,"detail":"POST /api/v2/tasks: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment"}
    "#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_the_vendor_asks_to_try_again_is_left_to_the_caller() {
    let mut linked = Linked::start().await;
    let mischief = json!({ "next": [429, 503], "retry_after": 7 });
    linked.cloud.misbehaves(mischief).await;
    linked.asked();

    let refused = gets(&linked.receiver, "/v1/balance").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "7"));
    assert_eq!(refused.text(), r#"{"detail":"Too Many Requests"}"#);
    assert_eq!(gets(&linked.receiver, "/v1/balance").await.status, 503);

    assert_eq!(linked.asked(), ["GET /api/v1/balance"; 2]);
    linked.receiver.stop_cleanly().await;
}
