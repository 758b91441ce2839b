//! What Slack is sent, and what is made of its answers.

mod schema;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tidings::sinks::Outbound;
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
const KEY: &str = "N3verT3llAnybody0fThis1x";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("slack", settings, &tools())
}

fn address(service: &Service) -> String {
    service.at(format_args!("/services/T00000000/B00000000/{KEY}"))
}

/// A sink that posts to it.
fn sink(service: &Service) -> Arc<dyn Sink> {
    build(&json!({ "webhook_url": address(service) })).unwrap()
}

/// Slack itself, as strict as it can be.
async fn slack() -> Service {
    Service::that_looks(
        schema::look,
        ResponseTemplate::new(200).set_body_string("ok"),
    )
    .await
}

/// A sink, and a service that gives it this answer.
async fn sink_answered(answer: ResponseTemplate) -> (Arc<dyn Sink>, Service) {
    let service = Service::that_answers(answer).await;
    (sink(&service), service)
}

/// What is shown of a message, with what differs from run to run left out.
fn shown(sink: &dyn Sink, outbound: &Outbound) -> String {
    let shown = serde_json::to_value(sink.render(outbound).unwrap()).unwrap();
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    let body = serde_json::to_string_pretty(&body).unwrap();
    body.replace(&outbound.event.id.to_string(), "evt_…")
}

#[tokio::test]
async fn every_event_makes_a_message_that_slack_takes() {
    let service = slack().await;
    let sink = sink(&service);
    let all = outbounds::of_every_kind().into_iter();
    for (what, outbound) in all.chain(outbounds::hostile()) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
    }
}

#[tokio::test]
async fn the_end_of_a_task_is_told_with_all_that_is_known() {
    let service = slack().await;
    let sink = sink(&service);
    let outbound = milk();

    insta::assert_snapshot!("end", shown(&*sink, &outbound));

    let shown = sink.render(&outbound).unwrap();
    let shown = serde_json::to_value(shown).unwrap();
    assert_eq!(shown["url"], service.at("/[secret]"));
    assert!(!shown.to_string().contains(KEY), "{shown}");
    sink.deliver(&outbound).await.unwrap();
    assert_eq!(shown["body"], service.last().await.to_string());
}

#[tokio::test]
async fn words_of_ones_own_are_posted_in_place_of_ours() {
    let service = slack().await;
    let template = "*{{ state | upper }}* <https://example.com/{{ task_id | urlencode }}|task>: {{ task.output }}";
    let sink = build(&json!({ "webhook_url": address(&service), "template": template })).unwrap();

    sink.deliver(&milk()).await.unwrap();

    let expected = json!({
        "text": "*FINISHED* <https://example.com/task_1|task>: 1,29 € – at &lt;Bio &amp; Co&gt;",
        "mrkdwn": true, "unfurl_links": false, "unfurl_media": false,
    });
    assert_eq!(service.last().await, expected);
    for (what, outbound) in outbounds::hostile().into_iter().step_by(3) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
    }
}

#[tokio::test]
async fn words_that_cannot_be_said_are_not_tried_again() {
    let service = slack().await;
    for (template, expected) in [
        (
            "{{ metadata.absent }}",
            "cannot be sent: `template` fails: column 4 (`metadata.absent`): `metadata.absent` is undefined",
        ),
        (
            "{# nothing #} ",
            "cannot be sent: `template` fails: this printed nothing",
        ),
    ] {
        let settings = json!({ "webhook_url": address(&service), "template": template });
        let sink = build(&settings).unwrap();
        let told = told(&sink.deliver(&milk()).await);
        assert!(told.starts_with(expected), "{told}");
        assert!(sink.render(&milk()).is_err());
    }
    assert!(service.got().await.is_empty());
}

#[tokio::test]
async fn slack_is_asked_again_when_it_says_so() {
    let busy = ResponseTemplate::new(429)
        .insert_header("retry-after", "30")
        .set_body_string("rate_limited");
    let (sink, _service) = sink_answered(busy).await;

    let error = sink.deliver(&milk()).await.unwrap_err();

    let SinkError::Retry { after, receipt, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(after, Some(Duration::from_secs(30)));
    assert_eq!(receipt.status, Some(429));
}

#[tokio::test]
async fn slacks_own_words_say_what_becomes_of_the_event() {
    for (status, word, expected) in [
        (200, "ok", "delivered"),
        (400, "invalid_payload", "refused: answered 400 Bad Request"),
        (400, "no_text", "refused: answered 400 Bad Request"),
        (
            403,
            "action_prohibited",
            "again: answered 403 Forbidden (action_prohibited): an adm",
        ),
        (
            403,
            "invalid_token",
            "again: answered 403 Forbidden (invalid_token): `webhook_url` is",
        ),
        (
            404,
            "channel_not_found",
            "again: answered 404 Not Found (channel_not_found): the cha",
        ),
        (
            404,
            "no_service",
            "again: answered 404 Not Found (no_service): the webhook was remo",
        ),
        (
            404,
            "no_active_hooks\n",
            "again: answered 404 Not Found (no_active_hooks): incoming",
        ),
        (
            404,
            "no_team",
            "again: answered 404 Not Found (no_team): `webhook_url` names no",
        ),
        (404, "something else", "again: answered 404 Not Found"),
        (
            410,
            "channel_is_archived",
            "refused: answered 410 Gone (channel_is_archived): make",
        ),
        (
            500,
            "rollup_error",
            "again: answered 500 Internal Server Error",
        ),
        (503, "", "again: answered 503 Service Unavailable"),
    ] {
        let answered = ResponseTemplate::new(status).set_body_string(word);
        let (sink, _service) = sink_answered(answered).await;
        let result = sink.deliver(&milk()).await;
        let told = told(&result);
        assert!(told.starts_with(expected), "{told}");
        assert_eq!(answer(&result), word);
    }
}

#[tokio::test]
async fn an_answer_that_tells_the_address_is_kept_without_it() {
    let path = format!("/services/T00000000/B00000000/{KEY}");
    let (cut, _) = KEY.split_at(KEY.len() - 5);
    let told =
        format!("no route for {path}, nor for {KEY} or https://hooks.slack.com{path} at {cut}");
    let (sink, _service) = sink_answered(ResponseTemplate::new(502).set_body_string(told)).await;

    let result = sink.deliver(&milk()).await;

    assert_eq!(
        answer(&result),
        "no route for [secret], nor for [secret] or https://hooks.slack.com[secret] at [secret]"
    );
    assert!(!format!("{result:?} {sink:?}").contains("N3ver"));
}

#[tokio::test]
async fn a_check_only_looks_whether_slack_is_there() {
    let service = slack().await;
    sink(&service).check().await.unwrap();
    assert!(service.got().await.is_empty());

    let settings = json!({ "webhook_url": format!("http://127.0.0.1:1/{KEY}") });
    let error = build(&settings).unwrap().check().await.unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("127.0.0.1:1") && !error.contains(KEY),
        "{error}"
    );
}

#[test]
fn settings_that_cannot_work_are_refused_without_telling_the_address() {
    let inside = tools();
    let outside = tidings::sinks::Tools::default();
    for (tools, settings, expected) in [
        (
            &inside,
            json!({ "webhook_url": KEY }),
            "`webhook_url` is no address like https://…",
        ),
        (
            &inside,
            json!({ "webhook_url": "" }),
            "`webhook_url` is no address like https://…",
        ),
        (
            &inside,
            json!({ "webhook_url": format!("ftp://a.b/{KEY}") }),
            "must begin with https://",
        ),
        (
            &outside,
            json!({ "webhook_url": format!("http://a.b/{KEY}") }),
            "must begin with https://",
        ),
        (
            &outside,
            json!({ "webhook_url": format!("https://127.0.0.1/{KEY}") }),
            "`webhook_url` may not be called",
        ),
        (&inside, json!({ "url": KEY }), "unknown field `url`"),
        (&inside, json!({}), "missing field `webhook_url`"),
        (
            &inside,
            json!({ "webhook_url": "https://a.b/c", "template": "{{" }),
            "unexpected end of input",
        ),
    ] {
        let error = format!("{:#}", sinks::build("slack", &settings, tools).unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
}
