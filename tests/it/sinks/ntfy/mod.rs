//! What an ntfy server is sent, and what is made of its answers.

mod schema;

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::sinks::Outbound;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tidings::sinks::SinkKind;
use tidings::sinks::Tools;
use wiremock::ResponseTemplate;

use super::pages;
use crate::harness::ends::milk;
use crate::harness::outbounds;
use crate::harness::service::Service;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;
use crate::harness::sinks::tools;

const TOPIC: &str = "tidings-0nly-we-kn0w-this";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("ntfy", settings, &tools())
}

/// A sink that publishes there, with these settings of its own.
fn sink(service: &Service, more: &Value) -> Arc<dyn Sink> {
    let mut settings = json!({ "server": service.at(""), "topic": TOPIC });
    let more = more.as_object().unwrap().clone();
    settings.as_object_mut().unwrap().extend(more);
    build(&settings).unwrap()
}

/// A server as strict as it can be. It quotes the topic, as servers do.
async fn ntfy() -> Service {
    let taken =
        json!({ "id": "hwQ2YpKdmg", "time": 1_635_528_757, "event": "message", "topic": TOPIC });
    Service::that_looks(
        schema::look,
        ResponseTemplate::new(200).set_body_json(taken),
    )
    .await
}

async fn sink_answered(answer: ResponseTemplate) -> (Arc<dyn Sink>, Service) {
    let service = Service::that_answers(answer).await;
    (sink(&service, &json!({})), service)
}

/// What a server says when it does not take a message.
fn no(status: u16, code: u32, error: &str) -> ResponseTemplate {
    let told =
        json!({ "code": code, "http": status, "error": error, "link": "https://ntfy.sh/docs" });
    ResponseTemplate::new(status).set_body_json(told)
}

#[tokio::test]
async fn every_event_makes_a_message_that_ntfy_takes() {
    let service = ntfy().await;
    let ours = sink(&service, &json!({}));
    let theirs = sink(
        &service,
        &json!({ "template": "{{ body }} {{ task | default('') }}" }),
    );
    for sink in [ours, theirs] {
        let all = outbounds::of_every_kind().into_iter();
        for (what, outbound) in all.chain(outbounds::hostile()) {
            let result = sink.deliver(&outbound).await;
            assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
        }
    }
}

#[tokio::test]
async fn the_end_of_a_task_is_told_with_all_that_is_known() {
    let service = ntfy().await;
    let sink = sink(&service, &json!({ "token": "tk_s3cret" }));
    let outbound = milk();

    let shown = serde_json::to_value(sink.render(&outbound).unwrap()).unwrap();
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    let id = outbound.event.id.to_string();
    assert_snapshot!(format!("{body:#}").replace(&id, "evt_…"));
    assert_eq!(shown["headers"]["authorization"], "[secret]");

    sink.deliver(&outbound).await.unwrap();
    let got = service.got().await;
    assert_eq!(got[0].headers["authorization"], "Bearer tk_s3cret");
    assert_eq!(service.last().await["topic"], TOPIC);
}

#[tokio::test]
async fn an_event_that_comes_twice_is_one_notification_and_a_replay_another() {
    let service = ntfy().await;
    let sink = sink(&service, &json!({}));
    let first = milk();
    let replay = Outbound {
        replay: true,
        ..first.clone()
    };
    let mut sequences = Vec::new();
    for outbound in [&first, &first, &replay] {
        sink.deliver(outbound).await.unwrap();
        sequences.push(service.last().await["sequence_id"].clone());
    }
    assert_eq!(sequences[0], first.event.id.to_string());
    assert_eq!(sequences[1], sequences[0]);
    assert_eq!(sequences[2], first.delivery.to_string());
}

#[tokio::test]
async fn words_of_ones_own_are_said_in_place_of_ours() {
    let service = ntfy().await;
    let sink = sink(&service, &json!({ "template": "{{ task.output }}\n" }));
    sink.deliver(&milk()).await.unwrap();
    let last = service.last().await;
    assert_eq!(last["message"], "1,29 € – at <Bio & Co>");
    assert_eq!(last["title"], "Task finished");
}

#[tokio::test]
async fn what_a_server_says_is_told_and_none_of_it_is_our_secret() {
    for (answered, expected) in [
        (
            no(400, 40_024, "request body must be valid JSON"),
            "refused: answered 400 Bad Request: request body must be valid JSON",
        ),
        (
            no(400, 40_010, "topic name is not allowed"),
            "again: answered 400 Bad Request: topic name is not allowed: set `topic` to another",
        ),
        (
            no(401, 40_101, "unauthorized"),
            "again: answered 401 Unauthorized: unauthorized: `token`, or `username` and `password`, are wrong",
        ),
        (
            no(403, 40_301, "forbidden"),
            "again: answered 403 Forbidden: forbidden: we may not publish to this topic as who we are",
        ),
        (
            no(413, 41_303, "JSON body too large"),
            "refused: answered 413 Payload Too Large: JSON body too large",
        ),
        (
            no(507, 50_701, "cannot publish to UnifiedPush topic"),
            "again: answered 507 Insufficient Storage: cannot publish to UnifiedPush topic",
        ),
        (
            ResponseTemplate::new(502).set_body_string(format!("no {TOPIC}")),
            "again: answered 502 Bad Gateway",
        ),
    ] {
        let (sink, _service) = sink_answered(answered).await;
        let result = sink.deliver(&milk()).await;
        assert_eq!(told(&result), expected);
        assert!(!answer(&result).contains(TOPIC), "{result:?}");
    }
    let service = ntfy().await;
    let result = sink(&service, &json!({})).deliver(&milk()).await;
    assert!(
        answer(&result).contains("\"topic\":\"[secret]\""),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_server_gets_the_time_that_it_needs() {
    for (answered, expected) in [
        (no(429, 42_901, "limit reached: too many requests"), None),
        (
            no(429, 42_901, "limit reached").insert_header("retry-after", "7"),
            Some(7),
        ),
        (
            no(429, 42_908, "limit reached: daily message quota reached"),
            Some(900),
        ),
    ] {
        let (sink, _service) = sink_answered(answered).await;
        match sink.deliver(&milk()).await {
            Err(SinkError::Retry { after, .. }) => {
                assert_eq!(after, expected.map(Duration::from_secs));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_check_asks_whether_the_server_is_well_and_knows_us_and_publishes_nothing() {
    let service = ntfy().await;
    let well = ResponseTemplate::new(200).set_body_json(json!({ "healthy": true }));
    service.tells(well).await;
    for (login, expected) in [
        (json!({}), vec!["/v1/health"]),
        (
            json!({ "username": "me", "password": "s3cret" }),
            vec!["/v1/health", "/v1/account"],
        ),
    ] {
        let before = service.got().await.len();
        let sink = sink(&service, &login);
        sink.check().await.unwrap();
        let got = service.got().await;
        let asked: Vec<&str> = got[before..].iter().map(|one| one.url.path()).collect();
        assert_eq!(asked, expected);
        assert!(!format!("{sink:?}").contains("s3cret"));
    }
    let got = service.got().await;
    assert_eq!(got[1].headers["authorization"], "Basic bWU6czNjcmV0");

    let service = ntfy().await;
    service.tells(no(401, 40_101, "unauthorized")).await;
    let stranger = sink(&service, &json!({ "token": "tk_s3cret" }));
    let error = stranger.check().await.unwrap_err().to_string();
    assert!(
        error.starts_with("answered 401 Unauthorized: unauthorized: `token`"),
        "{error}"
    );
}

#[tokio::test]
async fn the_examples_on_its_page_work() {
    let service = ntfy().await;
    let page = pages::page("ntfy");
    for example in pages::code(&page, "toml") {
        let SinkKind::Ntfy(mut config) = pages::sinks(example).remove(0).kind else {
            panic!("the page is about ntfy");
        };
        config.server = service.at("").parse().unwrap();
        let sink = SinkKind::Ntfy(config).build(&tools()).unwrap();
        sink.deliver(&milk()).await.unwrap();
    }
}

#[test]
fn settings_that_cannot_work_are_refused_without_telling_the_topic() {
    let outside = Tools::default();
    let long = format!("{TOPIC}{}", "x".repeat(64));
    for (settings, expected) in [
        (json!({ "topic": "" }), "`topic` is no topic"),
        (
            json!({ "topic": format!("{TOPIC}/json") }),
            "`topic` is no topic",
        ),
        (json!({ "topic": long }), "`topic` is no topic"),
        (
            json!({ "topic": "a", "server": format!("https://ntfy.sh/{TOPIC}") }),
            "`server` is the address of the server alone",
        ),
        (
            json!({ "topic": TOPIC, "server": "http://ntfy.sh" }),
            "must begin with https://",
        ),
        (
            json!({ "topic": TOPIC, "server": "https://10.0.0.1" }),
            "`server` may not be called",
        ),
        (json!({ "topic": TOPIC, "username": "me" }), "go together"),
        (
            json!({ "topic": TOPIC, "token": "a", "username": "me", "password": "b" }),
            "set one of the two",
        ),
        (
            json!({ "topic": TOPIC, "token": "a\nb" }),
            "`token` cannot be sent",
        ),
        (json!({}), "missing field `topic`"),
    ] {
        let error = format!(
            "{:#}",
            sinks::build("ntfy", &settings, &outside).unwrap_err()
        );
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains(TOPIC), "{error}");
    }
}
