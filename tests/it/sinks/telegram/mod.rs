//! What a Telegram bot sends, and what is made of the answers.

mod schema;

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
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

const TOKEN: &str = "123456789:AAE-N3verT3llAnybody0fThis1x";

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("telegram", settings, &tools())
}

/// A bot whose messages go there, with these settings of its own.
fn sink(service: &Service, more: &Value) -> Arc<dyn Sink> {
    let mut settings =
        json!({ "api": service.at(""), "token": TOKEN, "chat_id": -1_001_234_567_890_i64 });
    let more = more.as_object().unwrap().clone();
    settings.as_object_mut().unwrap().extend(more);
    build(&settings).unwrap()
}

/// The Bot API, as strict as it can be.
async fn telegram() -> Service {
    let yes = ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "result": {} }));
    Service::that_looks(|request| schema::look(request, TOKEN), yes).await
}

async fn sink_answered(answer: ResponseTemplate) -> (Arc<dyn Sink>, Service) {
    let service = Service::that_answers(answer).await;
    (sink(&service, &json!({})), service)
}

/// What the Bot API says when it does not take a message.
fn no(status: u16, description: &str, parameters: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({
        "ok": false, "error_code": status, "description": description, "parameters": parameters,
    }))
}

#[tokio::test]
async fn every_event_makes_a_message_that_telegram_takes() {
    let service = telegram().await;
    let ours = sink(&service, &json!({ "thread": 7 }));
    let template = "<b>{{ type }}</b> <blockquote>{{ body }}</blockquote> {{ task | default('') }}";
    let theirs = sink(&service, &json!({ "template": template }));
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
    let service = telegram().await;
    let sink = sink(&service, &json!({ "thread": 7 }));

    let shown = serde_json::to_value(sink.render(&milk()).unwrap()).unwrap();
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    assert_snapshot!(body["text"].as_str().unwrap());
    assert_eq!(body["message_thread_id"], 7);
    assert_eq!(body["chat_id"], -1_001_234_567_890_i64);
    assert_eq!(shown["url"], service.at("/bot[secret]/sendMessage"));
    assert!(!shown.to_string().contains(TOKEN), "{shown}");

    sink.deliver(&milk()).await.unwrap();
    assert_eq!(service.last().await, body);
}

#[tokio::test]
async fn words_of_ones_own_are_sent_in_place_of_ours() {
    let service = telegram().await;
    let sink = sink(
        &service,
        &json!({
            "chat_id": "@ops_channel", "template": "<b>{{ state | upper }}</b> R&amp;D: {{ task.output }}",
        }),
    );
    sink.deliver(&milk()).await.unwrap();
    let last = service.last().await;
    assert_eq!(
        last["text"],
        "<b>FINISHED</b> R&amp;D: 1,29 € – at &lt;Bio &amp; Co&gt;"
    );
    assert_eq!(last["chat_id"], "@ops_channel");
}

#[tokio::test]
async fn what_telegram_says_is_told_with_what_to_do() {
    let moved = json!({ "migrate_to_chat_id": -1_009_876_543_210_i64 });
    for (status, description, parameters, expected) in [
        (
            400,
            "Bad Request: chat not found",
            &json!({}),
            "again: answered 400 Bad Request: chat not found: `chat_id` is wrong, or the bot is not in \
          that chat: add it, or write to it first",
        ),
        (
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            &moved,
            "again: answered 400 Bad Request: group chat was upgraded to a supergroup chat: set \
          `chat_id = -1009876543210`, which is the group's number now",
        ),
        (
            400,
            "Bad Request: message thread not found",
            &json!({}),
            "again: answered 400 Bad Request: message thread not found: `thread` is no topic of that chat",
        ),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            &json!({}),
            "again: answered 400 Bad Request: not enough rights to send text messages to the chat",
        ),
        (
            400,
            "Bad Request: can't parse entities: Unclosed start tag",
            &json!({}),
            "refused: answered 400 Bad Request: can't parse entities: Unclosed start tag",
        ),
        (
            401,
            "Unauthorized",
            &json!({}),
            "again: answered 401 Unauthorized: Unauthorized: `token` is wrong, or was revoked: ask \
          @BotFather for it",
        ),
        (
            403,
            "Forbidden: bot was blocked by the user",
            &json!({}),
            "again: answered 403 Forbidden: bot was blocked by the user: let the bot into the chat, and \
          let it write there",
        ),
        (
            500,
            "Internal Server Error",
            &json!({}),
            "again: answered 500 Internal Server Error: Internal Server Error",
        ),
    ] {
        let (sink, _service) = sink_answered(no(status, description, parameters)).await;
        assert_eq!(told(&sink.deliver(&milk()).await), expected);
    }
    let (sink, _service) = sink_answered(ResponseTemplate::new(502)).await;
    assert_eq!(
        told(&sink.deliver(&milk()).await),
        "again: answered 502 Bad Gateway"
    );
}

#[tokio::test]
async fn telegram_gets_the_time_that_it_asks_for() {
    let busy = no(
        429,
        "Too Many Requests: retry after 35",
        &json!({ "retry_after": 35 }),
    );
    let (sink, _service) = sink_answered(busy).await;
    match sink.deliver(&milk()).await {
        Err(SinkError::Retry { after, .. }) => assert_eq!(after, Some(Duration::from_secs(35))),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_check_asks_for_the_bot_and_the_chat_and_sends_nothing() {
    let service = telegram().await;
    sink(&service, &json!({})).check().await.unwrap();
    let got = service.got().await;
    let asked: Vec<_> = got
        .iter()
        .filter_map(|one| one.url.path().split('/').nth(2))
        .collect();
    assert_eq!(asked, ["getMe", "getChat"]);

    let (stranger, _service) = sink_answered(no(401, "Unauthorized", &json!({}))).await;
    let error = stranger.check().await.unwrap_err().to_string();
    assert!(error.starts_with("answered 401 Unauthorized"), "{error}");
}

#[tokio::test]
async fn the_token_is_shown_nowhere() {
    let quoting = ResponseTemplate::new(404).set_body_string(format!("no /bot{TOKEN}/sendMessage"));
    let (quoted, _service) = sink_answered(quoting).await;
    let gone =
        build(&json!({ "api": "http://127.0.0.1:1", "token": TOKEN, "chat_id": 1 })).unwrap();
    for sink in [quoted, gone] {
        let result = sink.deliver(&milk()).await;
        let checked = sink.check().await;
        let rendering = sink.render(&milk()).unwrap();
        let all = format!(
            "{} {result:?} {checked:?} {rendering:?} {sink:?}",
            told(&result)
        );
        assert!(!all.contains("N3ver"), "{all}");
    }
}

#[tokio::test]
async fn the_examples_on_its_page_work() {
    let service = Service::that_looks(
        |request| schema::look(request, "123456789:AAE-a-value"),
        ResponseTemplate::new(200),
    )
    .await;
    let page = pages::page("telegram");
    for example in pages::code(&page, "toml") {
        let SinkKind::Telegram(mut config) = pages::sinks(example).remove(0).kind else {
            panic!("the page is about Telegram");
        };
        config.api = service.at("").parse().unwrap();
        let sink = SinkKind::Telegram(config).build(&tools()).unwrap();
        sink.deliver(&milk()).await.unwrap();
    }
}

#[test]
fn settings_that_cannot_work_are_refused_without_telling_the_token() {
    let outside = Tools::default();
    let with = |more: Value| {
        let mut settings = json!({ "token": TOKEN, "chat_id": 1 });
        let more = more.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(more);
        settings
    };
    for (settings, expected) in [
        (
            with(json!({ "token": "N3ver/../getUpdates" })),
            "`token` is not a bot's token",
        ),
        (with(json!({ "token": "" })), "`token` is not a bot's token"),
        (with(json!({ "chat_id": "ops" })), "\"ops\" is no chat"),
        (
            with(json!({ "api": "http://api.telegram.org" })),
            "must begin with https://",
        ),
        (
            with(json!({ "api": "https://127.0.0.1" })),
            "`api` may not be called",
        ),
        (with(json!({ "template": "{{" })), "unexpected end of input"),
        (with(json!({ "topic": 1 })), "unknown field `topic`"),
        (json!({ "token": TOKEN }), "missing field `chat_id`"),
    ] {
        let error = format!(
            "{:#}",
            sinks::build("telegram", &settings, &outside).unwrap_err()
        );
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("N3ver"), "{error}");
    }
}
