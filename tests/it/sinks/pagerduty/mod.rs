//! What PagerDuty is sent, held against what its documents say it takes, and what its answers mean.

mod service;

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::sinks::Rendering;
use tidings::sinks::Sink;
use tidings::sinks::SinkError;
use tidings::sinks::SinkKind;
use tidings::sinks::Tools;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use self::service::KEY;
use self::service::PagerDuty;
use super::pages;
use crate::harness::events;
use crate::harness::outbounds;
use crate::harness::receiver::Receiver;
use crate::harness::sinks;
use crate::harness::sinks::answer;
use crate::harness::sinks::told;
use crate::harness::sinks::tools;

fn build(settings: &Value) -> anyhow::Result<Arc<dyn Sink>> {
    sinks::build("pagerduty", settings, &tools())
}

/// A sink that pages through a service.
fn paging(pagerduty: &PagerDuty) -> Arc<dyn Sink> {
    build(&pagerduty.settings()).unwrap()
}

/// A sink that is answered so by whatever it calls, and the server.
async fn answered_by(answer: ResponseTemplate) -> (Arc<dyn Sink>, MockServer) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let settings = json!({ "routing_key": KEY, "url": server.uri() });
    (build(&settings).unwrap(), server)
}

fn outbound(kind: &str, payload: &Value) -> Outbound {
    let body = json!({ "type": kind, "timestamp": "2026-05-25T09:22:22Z", "payload": payload });
    events::outbound(&body.to_string(), SystemClock.now())
}

/// A task that stands so.
fn task(status: &str) -> Outbound {
    let payload = json!({ "task_id": "task_1", "session_id": "session_1", "status": status,
                          "metadata": { "team": "Einkauf & Lager" } });
    outbound("agent.task.status_update", &payload)
}

fn stuck() -> Outbound {
    let payload = json!({ "task_id": "task_1", "running_since": "2026-05-25T08:22:22Z" });
    outbound("tidings.task.stuck", &payload)
}

#[tokio::test]
async fn whatever_is_an_alarm_or_ends_one_is_what_pagerduty_takes() {
    let pagerduty = PagerDuty::start().await;
    let sink = paging(&pagerduty);
    let (mut taken, mut left) = (0, 0);
    for (what, outbound) in outbounds::of_every_kind()
        .into_iter()
        .chain(outbounds::hostile())
    {
        if let Some(objection) = sink.objection(&outbound.event, outbound.enrichment.as_ref()) {
            assert_eq!(
                told(&sink.deliver(&outbound).await),
                format!("cannot be sent: {objection}")
            );
            left += 1;
            continue;
        }
        let result = sink.deliver(&outbound).await;
        assert_eq!(told(&result), "delivered", "{what}");
        taken += 1;
    }
    assert!(taken > 40 && left > 3, "{taken} were taken, {left} left");
}

#[tokio::test]
async fn a_failure_opens_an_alert_and_the_good_end_of_its_task_resolves_it() {
    let pagerduty = PagerDuty::start().await;
    let sink = paging(&pagerduty);
    let session = |status| {
        let payload = json!({ "session_id": "session_1", "status": status });
        outbound("session.status.update", &payload)
    };

    for outbound in [stuck(), task("failed"), session("error")] {
        sink.deliver(&outbound).await.unwrap();
    }
    assert_eq!(pagerduty.open(), ["tidings:session_1", "tidings:task_1"]);

    sink.deliver(&session("idle")).await.unwrap();
    assert_eq!(pagerduty.open(), ["tidings:task_1"]);
    sink.deliver(&task("finished")).await.unwrap();
    assert_eq!(pagerduty.open(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_alarm_is_discarded_and_never_tried() {
    let pagerduty = PagerDuty::start().await;
    let url = pagerduty.url();
    let receiver = Receiver::with(&format!(
        r#"
        [[sink]]
        name = "pager"
        type = "pagerduty"
        routing_key = "{KEY}"
        url = "{url}"
        allow_private = true
        "#
    ))
    .await;
    let started = receiver.hears("task_1", "started").await;
    receiver.hears("task_1", "failed").await;
    receiver.dispatch_all().await;
    receiver.replay(&started).await;
    receiver.dispatch_all().await;

    let caller = receiver.caller();
    let found = caller.finds("/deliveries?sink=pager").await;
    let found = found["data"].as_array().unwrap().iter();
    let stands: Vec<Value> = found
        .map(|one| json!([one["state"], one["reason"], one["attempts"]]))
        .collect();
    let discarded = json!(["discarded", "no alarm", 0]);
    assert_eq!(stands, [json!(["delivered", null, 1]), discarded]);
    assert_eq!(pagerduty.open(), ["tidings:task_1"]);
    assert_eq!(pagerduty.got().await.len(), 1);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn how_severe_something_is_can_be_set() {
    let pagerduty = PagerDuty::start().await;
    for (severity, expected) in [
        (json!(null), ["error", "warning", "info"]),
        (json!("critical"), ["critical", "critical", "info"]),
        (
            json!({ "stuck": "critical" }),
            ["error", "critical", "info"],
        ),
    ] {
        let mut settings = pagerduty.settings();
        if !severity.is_null() {
            settings["severity"] = severity;
        }
        let sink = build(&settings).unwrap();
        let test = outbound("tidings.test", &json!({ "message": "A test." }));
        for outbound in [task("failed"), stuck(), test] {
            sink.deliver(&outbound).await.unwrap();
        }
        let got = pagerduty.got().await;
        let last = &got[got.len() - 3..];
        let severities: Vec<&Value> = last.iter().map(|got| &got["payload"]["severity"]).collect();
        assert_eq!(severities, expected);
    }
}

#[tokio::test]
async fn pagerduty_gets_the_time_that_it_asks_for() {
    for (retry_after, expected) in [(None, 30), (Some("120"), 120)] {
        let mut busy = ResponseTemplate::new(429)
            .set_body_json(json!({ "status": "throttle exceeded", "errors": ["Too many events"] }));
        if let Some(retry_after) = retry_after {
            busy = busy.insert_header("retry-after", retry_after);
        }
        let (sink, _server) = answered_by(busy).await;
        match sink.deliver(&task("failed")).await {
            Err(SinkError::Retry { after, .. }) => {
                assert_eq!(after, Some(Duration::from_secs(expected)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told_and_one_of_our_key_kills_no_event() {
    for (errors, expected) in [
        (
            json!(["'payload.summary' is missing or blank", "Another"]),
            "refused: answered 400 Bad Request: 'payload.summary' is missing or blank; Another",
        ),
        (
            json!(["Invalid routing key"]),
            "again: answered 400 Bad Request: Invalid routing key: `routing_key` is wrong, or its \
             integration is gone",
        ),
        (json!([]), "refused: answered 400 Bad Request"),
        (json!(3), "refused: answered 400 Bad Request"),
    ] {
        let refusal = ResponseTemplate::new(400)
            .set_body_json(json!({ "status": "invalid event", "errors": errors }));
        let (sink, _server) = answered_by(refusal).await;
        assert_eq!(told(&sink.deliver(&task("failed")).await), expected);
    }
    let (sink, _server) = answered_by(ResponseTemplate::new(500)).await;
    let told = told(&sink.deliver(&task("failed")).await);
    assert_eq!(told, "again: answered 500 Internal Server Error");
}

#[tokio::test]
async fn the_key_is_shown_nowhere_and_a_check_sends_nothing() {
    let quoting = ResponseTemplate::new(400)
        .set_body_json(json!({ "errors": [format!("No such routing key: {KEY}")] }));
    let (sink, server) = answered_by(quoting).await;

    sink.check().await.unwrap();
    assert!(server.received_requests().await.unwrap().is_empty());

    let result = sink.deliver(&task("failed")).await;
    let rendering = sink.render(&task("failed")).unwrap();
    assert!(
        answer(&result).contains("No such routing key: [secret]"),
        "{result:?}"
    );
    let all = format!("{} {result:?} {rendering:?} {sink:?}", told(&result));
    assert!(!all.contains(KEY), "{all}");
}

#[test]
fn what_would_be_sent_is_shown() {
    let settings = json!({ "routing_key": KEY });
    let sink = build(&settings).unwrap();
    let shown = |outbound: &Outbound| {
        let rendering = sink.render(outbound).unwrap();
        let Rendering::Request { url, body, .. } = rendering else {
            panic!("{rendering:?} is no request");
        };
        let body: Value = serde_json::from_str(&body).unwrap();
        format!("{url}\n{body:#}").replace(&outbound.event.id.to_string(), "evt_…")
    };
    assert_snapshot!(shown(&task("failed")));
    assert_snapshot!(shown(&task("finished")));
    let error = sink.render(&task("started")).unwrap_err().to_string();
    assert_eq!(error, "no alarm");
}

#[tokio::test]
async fn the_example_on_its_page_works() {
    let pagerduty = PagerDuty::start().await;
    let page = pages::page("pagerduty");
    let mut sinks = pages::sinks(pages::code(&page, "toml")[0]);
    let SinkKind::PagerDuty(mut config) = sinks.remove(0).kind else {
        panic!("the page is about PagerDuty");
    };
    config.routing_key = KEY.into();
    config.url = pagerduty.url().parse().unwrap();
    let sink = SinkKind::PagerDuty(config).build(&tools()).unwrap();

    sink.deliver(&task("failed")).await.unwrap();

    assert_eq!(pagerduty.open(), ["tidings:task_1"]);
}

#[test]
fn settings_that_cannot_work_are_refused_before_the_first_event() {
    for (settings, expected) in [
        (
            json!({ "routing_key": "u+hidden-key-of-the-rest" }),
            "`routing_key` is not the key of an integration",
        ),
        (json!({ "routing_key": "" }), "`routing_key` is not the key"),
        (
            json!({ "routing_key": KEY, "url": "ftp://example.com" }),
            "`url` is an address like https://events.pagerduty.com/v2/enqueue",
        ),
        (
            json!({ "routing_key": KEY, "severity": "high" }),
            "unknown variant `high`",
        ),
        (
            json!({ "routing_key": KEY, "severity": { "finished": "info" } }),
            "unknown field `finished`",
        ),
        (json!({ "routing_key": KEY, "key": "x" }), "unknown field"),
        (json!({}), "missing field `routing_key`"),
    ] {
        let error = format!("{:#}", build(&settings).unwrap_err());
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }
    let inside = json!({ "routing_key": KEY, "url": "http://127.0.0.1/v2/enqueue" });
    let refused = sinks::build("pagerduty", &inside, &Tools::default()).unwrap_err();
    assert!(format!("{refused:#}").contains("`url` may not be called"));
}
