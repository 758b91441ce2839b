//! What Discord is sent, and what is made of its answers.

mod schema;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use wiremock::ResponseTemplate;

use crate::harness::ends::milk;
use crate::harness::outbounds;
use crate::harness::service::Service;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;
use crate::harness::sinks::tools;

/// What is secret in the address of a webhook.
const KEY: &str = "3d89bb7572e0fb30d8128367b3b1b44fecd1726de135cbe28a41f8b2f777c372ba29";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("discord", settings, &tools())
}

fn address(service: &Service) -> String {
    service.at(format_args!("/api/webhooks/223704706495545344/{KEY}"))
}

/// A sink that posts to it.
fn sink(service: &Service) -> Arc<dyn Sink> {
    build(&json!({ "webhook_url": address(service) })).unwrap()
}

/// Discord itself, as strict as it can be.
async fn discord() -> Service {
    let yes = json!({ "id": "1", "channel_id": "2", "webhook_id": "223704706495545344" });
    Service::that_looks(schema::look, ResponseTemplate::new(200).set_body_json(yes)).await
}

/// A sink, and a service that gives it this answer.
async fn sink_answered(answer: ResponseTemplate) -> (Arc<dyn Sink>, Service) {
    let service = Service::that_answers(answer).await;
    (sink(&service), service)
}

#[tokio::test]
async fn every_event_makes_a_message_that_discord_takes() {
    let service = discord().await;
    let sink = sink(&service);
    let all = outbounds::of_every_kind().into_iter();
    for (what, outbound) in all.chain(outbounds::hostile()) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
    }
}

#[tokio::test]
async fn the_end_of_a_task_is_told_with_all_that_is_known() {
    let service = discord().await;
    let sink = sink(&service);
    let outbound = milk();

    let shown = serde_json::to_value(sink.render(&outbound).unwrap()).unwrap();
    assert_eq!(shown["url"], service.at("/[secret]"));
    assert!(!shown.to_string().contains(KEY), "{shown}");
    sink.deliver(&outbound).await.unwrap();
    let sent = service.last().await;
    assert_eq!(shown["body"], sent.to_string());
    let sent = serde_json::to_string_pretty(&sent).unwrap();
    insta::assert_snapshot!("end", sent.replace(&outbound.event.id.to_string(), "evt_…"));
}

#[tokio::test]
async fn words_of_ones_own_are_posted_in_place_of_ours() {
    let service = discord().await;
    let template = "**{{ state | upper }}** @everyone: {{ task.output }}";
    let sink = build(&json!({ "webhook_url": address(&service), "template": template })).unwrap();

    sink.deliver(&milk()).await.unwrap();

    let expected = json!({
        "content": "**FINISHED** @everyone: 1,29 € – at \\<Bio & Co\\>",
        "flags": 4, "allowed_mentions": { "parse": [] },
    });
    assert_eq!(service.last().await, expected);
    for (what, outbound) in outbounds::hostile().into_iter().step_by(3) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
    }
}

#[tokio::test]
async fn a_thread_is_posted_to() {
    let service = discord().await;
    let settings = json!({ "webhook_url": address(&service), "thread_id": "1234567890123456789" });
    build(&settings).unwrap().deliver(&milk()).await.unwrap();
    let url = service.got().await.remove(0).url;
    assert_eq!(url.query(), Some("wait=true&thread_id=1234567890123456789"));
}

#[tokio::test]
async fn discord_is_asked_again_when_it_says_so() {
    let busy = |seconds: f64, global: bool| {
        let told = json!({ "message": "slow", "retry_after": seconds, "global": global });
        ResponseTemplate::new(429).set_body_json(told)
    };
    for (answer, expected) in [
        (busy(64.57, false), Duration::from_secs_f64(64.57)),
        (busy(0.3, true), Duration::from_secs_f64(0.3)),
        (
            busy(1336.57, false).insert_header("retry-after", "1337"),
            Duration::from_secs(1337),
        ),
    ] {
        let (sink, _service) = sink_answered(answer).await;
        let error = sink.deliver(&milk()).await.unwrap_err();
        let SinkError::Retry { after, receipt, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((after, receipt.status), (Some(expected), Some(429)));
    }
}

#[tokio::test]
async fn discords_own_words_say_what_becomes_of_the_event() {
    for (status, code, expected) in [
        (400, 50035, "refused: answered 400 Bad Request"),
        (
            400,
            220_001,
            "again: answered 400 Bad Request (220001): the webhook is of a forum",
        ),
        (
            400,
            50083,
            "again: answered 400 Bad Request (50083): the thread is archived",
        ),
        (
            401,
            50027,
            "again: answered 401 Unauthorized (50027): `webhook_url` is not",
        ),
        (
            403,
            160_005,
            "again: answered 403 Forbidden (160005): the thread is locked",
        ),
        (
            404,
            10003,
            "again: answered 404 Not Found (10003): there is no such thread",
        ),
        (
            404,
            10015,
            "refused: answered 404 Not Found (10015): the webhook was deleted",
        ),
        (404, 0, "again: answered 404 Not Found"),
        (502, 0, "again: answered 502 Bad Gateway"),
    ] {
        let body = json!({ "message": "No", "code": code });
        let answered = ResponseTemplate::new(status).set_body_json(body);
        let (sink, _service) = sink_answered(answered).await;
        let told = told(&sink.deliver(&milk()).await);
        assert!(told.starts_with(expected), "{told}");
    }
}

#[tokio::test]
async fn a_check_asks_for_the_webhook_and_posts_nothing() {
    let service = discord().await;
    let webhook = json!({ "name": "Tidings", "token": KEY });
    service
        .tells(ResponseTemplate::new(200).set_body_json(webhook))
        .await;
    sink(&service).check().await.unwrap();
    let got = service.got().await;
    assert_eq!((got.len(), got[0].method.as_str()), (1, "GET"));

    let gone = Service::that_answers(ResponseTemplate::new(204)).await;
    let unknown = json!({ "message": "Unknown Webhook", "code": 10015 });
    gone.tells(ResponseTemplate::new(404).set_body_json(unknown))
        .await;
    let error = format!("{:#}", sink(&gone).check().await.unwrap_err());
    assert!(error.contains("the webhook was deleted"), "{error}");
    assert!(!error.contains(KEY), "{error}");
}

#[test]
fn settings_that_cannot_work_are_refused_without_telling_the_address() {
    let url = format!("https://discord.com/api/webhooks/1/{KEY}");
    for (settings, expected) in [
        (
            json!({ "webhook_url": KEY }),
            "`webhook_url` is no address like https://…",
        ),
        (
            json!({ "webhook_url": url, "thread_id": "general" }),
            "`thread_id` is a number",
        ),
        (
            json!({ "webhook_url": url, "thread": "1" }),
            "unknown field `thread`",
        ),
        (
            json!({ "webhook_url": url, "template": "{{ a" }),
            "unexpected end of input",
        ),
    ] {
        let error = format!("{:#}", build(&settings).unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
}
