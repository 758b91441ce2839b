//! Requests that templates of the configuration make.

use std::fmt::Write as _;

use serde_json::Value;
use serde_json::json;
use serde_json::value::to_raw_value;
use standardwebhooks::Webhook;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Receipt;
use tidings::sinks::Rendering;
use tidings::sinks::SinkError;
use tidings::task::Enrichment;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use super::pages;
use crate::harness::events;
use crate::harness::sinks;
use crate::harness::sinks::told;

/// What makes a signature.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A server that takes everything.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let yes = ResponseTemplate::new(200);
    Mock::given(any()).respond_with(yes).mount(&server).await;
    server
}

/// Has an event delivered to a server by a sink with these templates. What the server got, and how
/// that went.
async fn delivered(
    template: &Value,
    outbound: &Outbound,
) -> (Option<Request>, Result<Receipt, SinkError>) {
    let server = server().await;
    let settings = json!({
        "url": format!("{}/hook?token=s3cret", server.uri()),
        "headers": { "Authorization": "Bearer s3cret" },
        "signing_secrets": [SECRET],
        "template": template,
    });
    let sink = sinks::build("http", &settings, &sinks::tools()).unwrap();
    let result = sink.deliver(outbound).await;
    (server.received_requests().await.unwrap().pop(), result)
}

/// The end of a task whose metadata are these.
fn end(metadata: &Value) -> Outbound {
    let body = json!({
        "type": "agent.task.status_update", "timestamp": "2025-05-25T09:22:22.269116+00:00",
        "payload": { "task_id": "task_1", "status": "finished", "metadata": metadata },
    });
    events::outbound(&body.to_string(), SystemClock.now())
}

/// The same with what came of it.
fn end_with_task(metadata: &Value, task: &Value) -> Outbound {
    let task = to_raw_value(task).unwrap();
    Outbound {
        enrichment: Some(Enrichment::known(task.into())),
        ..end(metadata)
    }
}

/// A request as the manual writes it.
fn written(request: &Request) -> String {
    let query = request.url.query().unwrap_or_default();
    let mut written = format!("{} {}?{query}\n", request.method, request.url.path());
    let mut headers: Vec<_> = request.headers.iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        if ["authorization", "content-type", "x-outcome"].contains(&name.as_str()) {
            let value = value.to_str().unwrap();
            writeln!(written, "{name}: {value}").unwrap();
        }
    }
    let body = String::from_utf8(request.body.clone()).unwrap();
    format!("{written}\n{body}")
}

#[tokio::test]
async fn the_example_of_the_manual_sends_what_it_says() {
    let page = pages::page("http");
    let example = pages::code(&page, "toml")
        .into_iter()
        .find(|text| text.contains("[sink.template]"))
        .unwrap();
    let expected = pages::code(&page, "http")[0];
    let server = server().await;
    let example = example.replace("https://crm.example.com", &server.uri());
    let example = example.replace("type = \"http\"", "type = \"http\"\nallow_private = true");
    let sink = pages::sinks(&example).remove(0);
    let sink = sink.kind.build(&sinks::tools()).unwrap();
    let outbound = end_with_task(
        &json!({ "customer": "Müller & Co" }),
        &json!({ "output": "12 €", "outcome": "success" }),
    );

    sink.deliver(&outbound).await.unwrap();

    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(written(&request), expected);
}

#[tokio::test]
async fn what_a_template_makes_is_sent_signed_and_known_by_the_same_id() {
    let template = json!({
        "body": "{{ status | upper }} für {{ metadata.team }}",
        "content_type": "text/plain; charset=utf-8",
    });
    let outbound = end(&json!({ "team": "\"a\"\nb" }));

    let (request, result) = delivered(&template, &outbound).await;

    assert_eq!(told(&result), "delivered");
    let request = request.unwrap();
    let expected = "FINISHED für \"a\"\nb";
    assert_eq!(request.body, expected.as_bytes());
    assert_eq!(request.headers["content-type"], "text/plain; charset=utf-8");
    let id = outbound.event.id.to_string();
    assert_eq!(request.headers["webhook-id"], id);
    assert_eq!(request.headers["idempotency-key"], id);
    let verifier = Webhook::new(SECRET).unwrap();
    verifier.verify(&request.body, &request.headers).unwrap();
}

#[tokio::test]
async fn a_value_cannot_leave_its_place_in_the_query_or_the_headers() {
    let template = json!({
        "query": { "team": "{{ metadata.team }}", "a b": "c" },
        "headers": { "X-Team": "{{ metadata.team | urlencode }}" },
    });
    let outbound = end(&json!({ "team": "a&b=c#d\r\nX-Evil: 1" }));

    let (request, result) = delivered(&template, &outbound).await;

    assert_eq!(told(&result), "delivered");
    let request = request.unwrap();
    let pairs: Vec<_> = request.url.query_pairs().collect();
    assert_eq!(
        pairs,
        [
            ("token".into(), "s3cret".into()),
            ("a b".into(), "c".into()),
            ("team".into(), "a&b=c#d\r\nX-Evil: 1".into()),
        ]
    );
    assert_eq!(request.url.fragment(), None);
    assert_eq!(
        request.headers["x-team"],
        "a%26b%3Dc%23d%0D%0AX-Evil%3A%201"
    );
    assert!(!request.headers.contains_key("x-evil"));
    assert_eq!(request.headers["authorization"], "Bearer s3cret");
    let event: Value = request.body_json().unwrap();
    assert_eq!(event["task_id"], "task_1", "without a body it is the event");
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_sent_and_nobody_tries_again() {
    let outbound = end(&json!({ "note": "one\r\nX-Evil: 1", "long": "x".repeat(5000) }));
    for (template, reason) in [
        (
            json!({ "body": "{{ metadata.team }}" }),
            "`template.body` fails: column 4 (`metadata.team`): `metadata.team` is undefined",
        ),
        (
            json!({ "body": r#"{"note": "{{ metadata.note }}"}"# }),
            "`template.body` fails: this printed what is no JSON",
        ),
        (
            json!({ "body": "{{ 'a' * 9000000 }}", "content_type": "text/plain" }),
            "`template.body` fails",
        ),
        (
            json!({ "headers": { "X-Note": "{{ metadata.note }}" } }),
            "`template.headers.X-Note` fails: this printed what no header can hold",
        ),
        (
            json!({ "query": { "q": "{{ metadata.long }}" } }),
            "`template.query.q` fails: this printed 5000 bytes",
        ),
    ] {
        let (request, result) = delivered(&template, &outbound).await;

        let told = told(&result);
        assert!(
            told.starts_with(&format!("cannot be sent: {reason}")),
            "{told}"
        );
        assert!(!told.contains("X-Evil"), "{told}");
        assert!(request.is_none(), "{template}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_before_the_first_event() {
    for (template, says) in [
        (
            json!({ "headers": { "Webhook-Id": "1" } }),
            "`Webhook-Id` in `template.headers` is set by Tidings itself",
        ),
        (
            json!({ "headers": { "Content-Length": "1" } }),
            "`Content-Length` in `template.headers`",
        ),
        (
            json!({ "headers": { "a b": "1" } }),
            "`a b` in `template.headers` is not the name of a header",
        ),
        (
            json!({ "headers": { "authorization": "1" } }),
            "`authorization` stands in both",
        ),
        (
            json!({ "content_type": "text/plain" }),
            "`template.content_type` says what `template.body` is",
        ),
        (
            json!({ "body": "a", "content_type": "text/plain\r\nX-Evil: 1" }),
            "`template.content_type` cannot be sent in a header",
        ),
        (json!({ "body": "{{ status" }), "unexpected end of input"),
        (json!({ "path": "a" }), "unknown field `path`"),
    ] {
        let settings = json!({
            "url": "https://example.com/hook", "headers": { "Authorization": "a" },
            "template": template,
        });
        let error = sinks::build("http", &settings, &sinks::tools()).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_would_be_sent_is_shown_with_what_templates_make_and_without_secrets() {
    let settings = json!({
        "url": "https://example.com/hook?token=hidden-1",
        "headers": { "Authorization": "Bearer hidden-2" },
        "signing_secrets": ["hidden-3"],
        "template": {
            "body": "{{ status }}", "content_type": "text/plain",
            "query": { "task": "{{ task_id }}" },
            "headers": { "X-Team": "{{ metadata.team }}" },
        },
    });
    let sink = sinks::build("http", &settings, &sinks::tools()).unwrap();

    let rendering = sink.render(&end(&json!({ "team": "süd" }))).unwrap();

    assert!(!format!("{rendering:?}").contains("hidden"));
    let Rendering::Request {
        url, headers, body, ..
    } = rendering
    else {
        panic!("an HTTP sink sends requests");
    };
    assert_eq!(url, "https://example.com/hook?token=secret&task=task_1");
    assert_eq!((&*headers["x-team"], &*body), ("süd", "finished"));
    let absent = sink.render(&end(&json!({}))).unwrap_err().to_string();
    assert!(
        absent.contains("`template.headers.X-Team` fails"),
        "{absent}"
    );
}
