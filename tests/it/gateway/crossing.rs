//! What crosses, and what does not: the key stays above, the caller's token below.

use insta::assert_snapshot;
use reqwest::Method;
use reqwest::header::HeaderName;
use wiremock::Request;
use wiremock::ResponseTemplate;

use super::KEY;
use super::answering;
use super::gets;
use super::posts;
use super::requests;
use crate::harness::home::TOKEN;

/// Everything a request came with, a header a line.
fn told(request: &Request) -> String {
    let query = request.url.query().unwrap_or_default();
    let mut lines = vec![format!("{} {}?{query}", request.method, request.url.path())];
    for (name, value) in &request.headers {
        let value = match name.as_str() {
            "host" => "[address]",
            _ => value.to_str().unwrap(),
        };
        lines.push(format!("{name}: {value}"));
    }
    lines[1..].sort();
    lines.push(String::from_utf8(request.body.clone()).unwrap());
    lines.join("\n")
}

#[tokio::test]
async fn a_request_goes_up_with_the_vendors_key_in_place_of_the_callers_token() {
    let (api, receiver) = answering(ResponseTemplate::new(200)).await;
    let caller = receiver.caller();
    let more = [
        ("x-browser-use-api-key", TOKEN),
        ("cookie", "session=s3cret"),
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("user-agent", "browser-use-sdk"),
        ("idempotency-key", "once"),
    ];
    let body = r#"{ "task" : "\u00e9", "task": 1e400 }"#;
    let path = "/cloud/api/v1/run-task?a=%20b&a=c";
    caller.sends(Method::POST, path, &more, body).await;
    let path = "/cloud/api/v2/tasks/5b73%C3%A9";
    caller
        .with(None)
        .sends(Method::GET, path, &more[..1], "")
        .await;

    let [v1, v2] = <[_; 2]>::try_from(requests(&api).await).unwrap();
    assert_snapshot!(told(&v1), @r#"
    POST /api/v1/run-task?a=%20b&a=c
    accept-encoding: identity
    accept: application/json
    authorization: Bearer bu_k3y-0f-the-project
    content-length: 36
    content-type: application/json
    host: [address]
    idempotency-key: once
    user-agent: tidings/0.1.0
    { "task" : "\u00e9", "task": 1e400 }
    "#);
    assert_snapshot!(told(&v2), @"
    GET /api/v2/tasks/5b73%C3%A9?
    accept-encoding: identity
    accept: */*
    host: [address]
    user-agent: tidings/0.1.0
    x-browser-use-api-key: bu_k3y-0f-the-project
    ");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn an_answer_comes_down_as_it_is_but_for_what_is_about_the_connection() {
    let bytes: Vec<u8> = (0..=255).collect();
    let answer = ResponseTemplate::new(418)
        .insert_header("content-disposition", "attachment")
        .insert_header("retry-after", "7")
        .insert_header("set-cookie", "session=s3cret")
        .insert_header("location", "https://api.browser-use.com/elsewhere")
        .insert_header("server", "uvicorn")
        .set_body_raw(bytes.clone(), "image/gif");
    let (_api, receiver) = answering(answer).await;

    let reply = gets(&receiver, "/v1/me").await;

    let mut headers: Vec<_> = reply.headers.keys().map(HeaderName::as_str).collect();
    headers.sort_unstable();
    assert_snapshot!(headers.join(", "), @"content-disposition, content-length, content-type, date, retry-after");
    assert_eq!(reply.status, 418);
    assert_eq!(reply.header("content-type"), "image/gif");
    assert_eq!(reply.header("content-length"), "256");
    assert_eq!(reply.header("retry-after"), "7");
    assert_eq!(reply.body, bytes);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_vendor_that_quotes_the_key_is_passed_on_without_it() {
    for status in [200, 401] {
        let answer = ResponseTemplate::new(status)
            .insert_header("content-disposition", format!("inline; key={KEY}"))
            .set_body_string(format!(r#"{{"detail":"Invalid API key {KEY}"}}"#));
        let (_api, receiver) = answering(answer).await;
        for reply in [
            gets(&receiver, "/v1/me").await,
            posts(&receiver, "/v2/tasks", "{}").await,
        ] {
            assert_eq!(reply.status, status);
            assert_eq!(
                reply.text(),
                r#"{"detail":"Invalid API key *********************"}"#
            );
            assert_eq!(
                reply.header("content-disposition"),
                "inline; key=*********************"
            );
        }
        receiver.stop_cleanly().await;
    }
}
