//! What Teams is sent, and what is made of the answers of its workflows.

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

/// What is secret in the address of a workflow, as it is written there and as it is meant.
const KEY: &str = "k3ySignature%2Bof-the-workflow_0123456789";
const MEANT: &str = "k3ySignature+of-the-workflow_0123456789";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("teams", settings, &tools())
}

fn address(service: &Service) -> String {
    let path = "/powerautomate/automations/direct/workflows/0b1c/triggers/manual/paths/invoke";
    service.at(format_args!(
        "{path}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sig={KEY}"
    ))
}

/// A sink that posts to it.
fn sink(service: &Service) -> Arc<dyn Sink> {
    build(&json!({ "webhook_url": address(service) })).unwrap()
}

/// Teams itself, as strict as it can be.
async fn teams() -> Service {
    Service::that_looks(schema::look, ResponseTemplate::new(202)).await
}

/// A sink, and a service that gives it this answer.
async fn sink_answered(answer: ResponseTemplate) -> (Arc<dyn Sink>, Service) {
    let service = Service::that_answers(answer).await;
    (sink(&service), service)
}

#[tokio::test]
async fn every_event_makes_a_message_that_teams_takes() {
    let service = teams().await;
    let sink = sink(&service);
    let all = outbounds::of_every_kind().into_iter();
    for (what, outbound) in all.chain(outbounds::hostile()) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
        schema::no_markup(&service.last().await).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
    }
}

#[tokio::test]
async fn the_end_of_a_task_is_told_with_all_that_is_known() {
    let service = teams().await;
    let sink = sink(&service);
    let outbound = milk();

    let shown = serde_json::to_value(sink.render(&outbound).unwrap()).unwrap();
    assert_eq!(shown["url"], service.at("/[secret]"));
    assert!(!shown.to_string().contains("k3y"), "{shown}");
    sink.deliver(&outbound).await.unwrap();
    let sent = service.last().await;
    assert_eq!(shown["body"], sent.to_string());
    let body = serde_json::to_string_pretty(&sent["attachments"][0]["content"]["body"]).unwrap();
    let id = outbound
        .event
        .id
        .to_string()
        .replace('-', "\\\\-")
        .replace('_', "\\\\_");
    insta::assert_snapshot!("end", body.replace(&id, "evt_…"));
}

#[tokio::test]
async fn words_of_ones_own_are_posted_in_place_of_ours() {
    let service = teams().await;
    let template = "**{{ state | upper }}**: {{ task.output }}";
    let sink = build(&json!({ "webhook_url": address(&service), "template": template })).unwrap();

    sink.deliver(&milk()).await.unwrap();

    let expected = json!([{
        "type": "TextBlock", "wrap": true,
        "text": "**FINISHED**: 1,29 € – at \\<Bio \\& Co\\>",
    }]);
    assert_eq!(
        service.last().await["attachments"][0]["content"]["body"],
        expected
    );
    for (what, outbound) in outbounds::hostile().into_iter().step_by(3) {
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}: {}", answer(&result));
    }
}

#[tokio::test]
async fn teams_is_asked_again_when_it_says_so() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "17");
    let (sink, _service) = sink_answered(busy).await;
    let error = sink.deliver(&milk()).await.unwrap_err();
    let SinkError::Retry { after, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(after, Some(Duration::from_secs(17)));
}

#[tokio::test]
async fn a_yes_that_is_none_is_not_taken_for_one() {
    for text in [
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error \
         429 with ContextId tcid=0",
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error \
         400 with ContextId tcid=0",
    ] {
        let (sink, _service) =
            sink_answered(ResponseTemplate::new(200).set_body_string(text)).await;
        let result = sink.deliver(&milk()).await;
        assert_eq!(
            told(&result),
            "again: answered 200 OK, and did not deliver it"
        );
        assert_eq!(answer(&result), text);
    }
    let (sink, _service) = sink_answered(ResponseTemplate::new(200).set_body_string("1")).await;
    assert_eq!(told(&sink.deliver(&milk()).await), "delivered");
}

#[tokio::test]
async fn the_words_of_power_automate_say_what_becomes_of_the_event() {
    for (status, code, expected) in [
        (
            400,
            "WorkflowTriggerIsNotEnabled",
            "again: answered 400 Bad Request (Workflow",
        ),
        (
            400,
            "TriggerInputSchemaMismatch",
            "again: answered 400 Bad Request (TriggerInput",
        ),
        (
            400,
            "InvalidRequestContent",
            "refused: answered 400 Bad Request",
        ),
        (
            401,
            "DirectApiAuthorizationRequired",
            "again: answered 401 Unauthorized (DirectApi",
        ),
        (
            404,
            "WorkflowNotFound",
            "again: answered 404 Not Found (WorkflowNotFound): the workfl",
        ),
        (413, "", "refused: answered 413 Payload Too Large"),
        (502, "", "again: answered 502 Bad Gateway"),
    ] {
        let body = json!({ "error": { "code": code, "message": "No" } });
        let answered = ResponseTemplate::new(status).set_body_json(body);
        let (sink, _service) = sink_answered(answered).await;
        let told = told(&sink.deliver(&milk()).await);
        assert!(told.starts_with(expected), "{told}");
    }
}

#[tokio::test]
async fn an_answer_that_tells_the_address_is_kept_without_it() {
    let told = format!("the signature {MEANT} of /x?sig={KEY} is not known");
    let (sink, _service) = sink_answered(ResponseTemplate::new(401).set_body_string(told)).await;
    let result = sink.deliver(&milk()).await;
    assert_eq!(
        answer(&result),
        "the signature [secret] of /x?sig=[secret] is not known"
    );
}

#[tokio::test]
async fn a_check_only_looks_whether_teams_is_there() {
    let service = teams().await;
    sink(&service).check().await.unwrap();
    assert!(service.got().await.is_empty());
}

#[test]
fn settings_that_cannot_work_are_refused_without_telling_the_address() {
    let url = format!("https://a.example.com/?sig={KEY}");
    for (settings, expected) in [
        (
            json!({ "webhook_url": KEY }),
            "`webhook_url` is no address like https://…",
        ),
        (
            json!({ "webhook_url": url, "title": "1" }),
            "unknown field `title`",
        ),
    ] {
        let error = format!("{:#}", build(&settings).unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("k3y"), "{error}");
    }
}
