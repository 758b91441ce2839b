//! What an HTTP sink sends, and what it makes of the answers.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use standardwebhooks::Webhook;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::delivery::Attempt;
use tidings::sinks::Outbound;
use tidings::sinks::Receipt;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use crate::harness::events;
use crate::harness::sinks;

/// The sink that these settings describe.
fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("http", settings, &sinks::tools())
}

fn sink(settings: &Value) -> Arc<dyn Sink> {
    build(settings).unwrap()
}

/// A sink that posts to a server, and the server, which gives one answer to everything.
async fn sink_answered_by(answer: ResponseTemplate) -> (Arc<dyn Sink>, MockServer) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    (sink(&json!({ "url": server.uri() })), server)
}

fn outbound() -> Outbound {
    events::outbound(&events::status_update("task_1", 1), SystemClock.now())
}

/// The only request a server got.
async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// Reads once what somebody sends: the request, or nothing when they have hung up.
async fn hear(stream: &mut TcpStream) -> usize {
    stream.read(&mut [0; 4096]).await.unwrap_or(0)
}

/// Of a failure that is tried again: the message, the wait that was asked for, and the answer.
fn not_now(result: Result<Receipt, SinkError>) -> (String, Option<Duration>, Receipt) {
    match result.unwrap_err() {
        SinkError::Retry {
            after,
            cause,
            receipt,
        } => (cause.to_string(), after, receipt),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_event_is_posted_with_its_id_in_the_headers() {
    let (sink, server) = sink_answered_by(ResponseTemplate::new(204)).await;
    let outbound = outbound();

    let receipt = sink.deliver(&outbound).await.unwrap();

    let expected = Receipt {
        status: Some(204),
        answer: None,
    };
    assert_eq!(receipt, expected);
    let request = only_request(&server).await;
    assert_eq!(request.method.as_str(), "POST");
    let id = outbound.event.id.to_string();
    assert_eq!(request.headers["idempotency-key"], id);
    assert_eq!(request.headers["webhook-id"], id);
    assert_eq!(request.headers["content-type"], "application/json");
    let agent = format!("tidings/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.headers["user-agent"], agent);
    for absent in ["webhook-signature", "webhook-timestamp", "tidings-replay"] {
        assert!(!request.headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn the_body_is_the_event_as_the_api_shows_it_without_its_deliveries() {
    let (sink, server) = sink_answered_by(ResponseTemplate::new(200)).await;
    let outbound = outbound();

    sink.deliver(&outbound).await.unwrap();

    let body: Value = only_request(&server).await.body_json().unwrap();
    assert_eq!(body["id"], outbound.event.id.to_string());
    assert_eq!(body["type"], "agent.task.status_update");
    assert_eq!(body["body"]["payload"]["metadata"], json!({ "n": "1" }));
    assert!(body.get("deliveries").is_none());
}

#[tokio::test]
async fn a_signature_satisfies_the_standard_webhooks_library() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let sink = sink(&json!({
        "url": server.uri(),
        "signing_secrets": ["correct horse battery staple", { "name": "old", "value": old }],
    }));

    sink.deliver(&outbound()).await.unwrap();

    let request = only_request(&server).await;
    let verify = |webhook: Webhook, body: &[u8]| webhook.verify(body, &request.headers);
    verify(Webhook::new(old).unwrap(), &request.body).unwrap();
    let text = b"correct horse battery staple".to_vec();
    verify(Webhook::from_bytes(text).unwrap(), &request.body).unwrap();
    verify(Webhook::new(old).unwrap(), b"{}").unwrap_err();
    verify(
        Webhook::from_bytes(b"other".to_vec()).unwrap(),
        &request.body,
    )
    .unwrap_err();
}

#[tokio::test]
async fn the_example_in_the_documents_knows_a_genuine_request() {
    let page = include_str!("../../docs/sinks/http.md");
    let (_, example) = page.split_once("```python\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let text = "correct horse";
    let sink = sink(&json!({ "url": server.uri(), "signing_secrets": [text, secret] }));

    sink.deliver(&outbound()).await.unwrap();

    let request = only_request(&server).await;
    let headers: BTreeMap<&str, &str> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let input = json!({
        "headers": headers,
        "body": String::from_utf8(request.body.clone()).unwrap(),
        "secrets": [secret, text, "wrong"],
    });
    let driver = "
import json, sys
given = json.loads(sys.argv[1])
body = given['body'].encode()
print([is_genuine(secret, given['headers'], body) for secret in given['secrets']])
print(is_genuine(given['secrets'][0], given['headers'], body + b' '))
";
    let answer = Command::new("python3")
        .args(["-c", &format!("{example}{driver}"), &input.to_string()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&answer.stdout);
    assert_eq!(told, "[True, True, False]\nFalse\n", "{answer:?}");
}

#[tokio::test]
async fn a_replay_says_so_and_keeps_the_id() {
    let (sink, server) = sink_answered_by(ResponseTemplate::new(200)).await;
    let outbound = Outbound {
        replay: true,
        ..outbound()
    };

    sink.deliver(&outbound).await.unwrap();

    let request = only_request(&server).await;
    assert_eq!(request.headers["tidings-replay"], "true");
    assert_eq!(request.headers["webhook-id"], outbound.event.id.to_string());
}

#[tokio::test]
async fn headers_of_ones_own_are_sent() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let sink = sink(&json!({
        "url": server.uri(),
        "headers": { "Authorization": "Bearer s3cret" },
    }));

    sink.deliver(&outbound()).await.unwrap();

    assert_eq!(
        only_request(&server).await.headers["authorization"],
        "Bearer s3cret"
    );
}

#[tokio::test]
async fn a_user_and_a_password_in_the_address_are_sent_as_a_header() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    for (login, sent) in [
        ("me:pw@", Some("Basic bWU6cHc=")),
        ("me:p%40s%3As@", Some("Basic bWU6cEBzOnM=")),
        ("me@", Some("Basic bWU6")),
        (":pw@", Some("Basic OnB3")),
        ("", None),
    ] {
        let url = server.uri().replace("http://", &format!("http://{login}"));
        sink(&json!({ "url": url }))
            .deliver(&outbound())
            .await
            .unwrap();

        let requests = server.received_requests().await.unwrap();
        let header = requests.last().unwrap().headers.get("authorization");
        assert_eq!(header.map(|value| value.to_str().unwrap()), sent, "{login}");
    }
}

#[tokio::test]
async fn a_busy_sink_is_asked_again_when_it_says_so() {
    let busy = ResponseTemplate::new(503)
        .insert_header("retry-after", "120")
        .set_body_string("try later");
    let (sink, _server) = sink_answered_by(busy).await;

    let (cause, after, receipt) = not_now(sink.deliver(&outbound()).await);

    assert_eq!(cause, "answered 503 Service Unavailable");
    assert_eq!(after, Some(Duration::from_mins(2)));
    assert_eq!(receipt.status, Some(503));
    assert_eq!(receipt.answer.as_deref(), Some("try later"));
}

#[tokio::test]
async fn a_refusal_is_final_and_keeps_the_answer() {
    let refusal = ResponseTemplate::new(422).set_body_string("no such campaign");
    let (sink, _server) = sink_answered_by(refusal).await;

    let error = sink.deliver(&outbound()).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "refused: answered 422 Unprocessable Entity"
    );
    let SinkError::Reject { receipt, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(receipt.answer.as_deref(), Some("no such campaign"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = MockServer::start().await;
    let moved = ResponseTemplate::new(302).insert_header("location", elsewhere.uri());
    let (sink, _server) = sink_answered_by(moved).await;

    let (cause, _, _) = not_now(sink.deliver(&outbound()).await);

    assert!(cause.contains("redirects are not followed"), "{cause}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_is_read_to_two_kilobytes_and_no_further() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tasks = TaskTracker::new();
    // Answers for as long as somebody listens.
    let chatter = tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        hear(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    });

    let receipt = sink(&json!({ "url": url }))
        .deliver(&outbound())
        .await
        .unwrap();

    let answer = receipt.answer.unwrap();
    assert_eq!(answer, "x".repeat(Attempt::ANSWER_LIMIT));
    chatter.await.unwrap();
}

#[tokio::test]
async fn a_sink_that_said_yes_and_dawdles_over_the_rest_has_said_yes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tasks = TaskTracker::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        hear(&mut stream).await;
        let head = "HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nqueued";
        stream.write_all(head.as_bytes()).await.unwrap();
        // Until the other side has had enough.
        hear(&mut stream).await;
    });

    let receipt = sink(&json!({ "url": url }))
        .deliver(&outbound())
        .await
        .unwrap();

    assert_eq!(receipt.status, Some(202));
    assert_eq!(receipt.answer.as_deref(), Some("queued"));
}

#[tokio::test]
async fn a_sink_that_is_not_there_is_named_by_host_and_port() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sink = sink(&json!({ "url": format!("http://{address}/hook?token=s3cret") }));

    let (cause, after, receipt) = not_now(sink.deliver(&outbound()).await);

    assert_eq!(cause, format!("connection refused by {address}"));
    assert_eq!((after, receipt), (None, Receipt::default()));
    let check = format!("{:#}", sink.check().await.unwrap_err());
    assert!(check.contains(&address.to_string()), "{check}");
}

#[tokio::test]
async fn a_sink_that_hangs_up_is_told_from_one_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tasks = TaskTracker::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            hear(&mut stream).await;
        }
    });
    let sink = sink(&json!({ "url": format!("http://{address}") }));

    let (cause, _, _) = not_now(sink.deliver(&outbound()).await);

    assert_eq!(
        cause,
        format!("{address} closed the connection before it answered")
    );
    sink.check().await.unwrap();
}

#[tokio::test]
async fn a_sink_without_tls_behind_an_https_address_is_told_as_that() {
    let server = MockServer::start().await;
    let address = *server.address();
    let sink = sink(&json!({ "url": format!("https://{address}") }));

    let (cause, _, _) = not_now(sink.deliver(&outbound()).await);

    assert!(
        cause.starts_with(&format!("no TLS with {address}: ")),
        "{cause}"
    );
}

#[test]
fn settings_that_cannot_work_are_refused_before_the_first_event() {
    for (settings, says) in [
        (json!({ "url": "ftp://example.com" }), "https://"),
        (
            json!({ "url": "http://a.b", "reject_on": [200] }),
            "reject_on",
        ),
        (
            json!({ "url": "http://a.b", "headers": { "Webhook-Id": "1" } }),
            "Webhook-Id",
        ),
        (
            json!({ "url": "http://a.b", "forward": "signed", "template": { "body": "{}" } }),
            "`forward` and `template.body`",
        ),
        (
            json!({ "url": "http://me:pw@a.b", "headers": { "authorization": "Bearer 1" } }),
            "has a user and a password",
        ),
        (
            json!({
                "url": "http://me@a.b",
                "template": { "headers": { "Authorization": "{{ id }}" } },
            }),
            "has a user and a password",
        ),
        (
            json!({ "url": "http://a.b", "signing_secrets": [""] }),
            "#1 is empty",
        ),
        (
            json!({ "url": "http://a.b", "uri": "" }),
            "unknown field `uri`",
        ),
    ] {
        let error = format!("{:#}", build(&settings).unwrap_err());
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn what_would_be_sent_is_shown_without_its_secrets_and_not_sent() {
    let (_, server) = sink_answered_by(ResponseTemplate::new(200)).await;
    let url = server.uri().replace("http://", "http://me:hidden-1@");
    let sink = sink(&json!({
        "url": format!("{url}/hook?token=hidden-2"),
        "headers": { "X-Token": "hidden-3" },
        "signing_secrets": ["hidden-4"],
    }));
    assert!(!format!("{sink:?}").contains("hidden"), "{sink:?}");
    let outbound = outbound();

    let rendering = sink.render(&outbound).unwrap();

    let Rendering::Request {
        method,
        url,
        headers,
        body,
    } = &rendering
    else {
        panic!("{rendering:?} is no request");
    };
    assert_eq!(method, "POST");
    assert!(url.ends_with("/hook?token=secret"), "{url}");
    assert_eq!(headers["webhook-id"], outbound.event.id.to_string());
    for masked in ["x-token", "authorization", "webhook-signature"] {
        assert_eq!(headers[masked], "[secret]");
    }
    assert!(!format!("{rendering:?}").contains("hidden"));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);

    sink.deliver(&outbound).await.unwrap();
    let sent = only_request(&server).await;
    assert_eq!(sent.body, body.as_bytes());
    let names = sent.headers.keys().map(ToString::to_string);
    let by_client = ["accept", "content-length", "host", "user-agent"];
    let names: Vec<String> = names
        .filter(|name| !by_client.contains(&name.as_str()))
        .collect();
    assert_eq!(headers.len(), names.len(), "{names:?}");
}
