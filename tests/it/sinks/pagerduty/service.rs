//! PagerDuty, as its documents describe it: strict about what it takes.
//!
//! <https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/02-Trigger-Events.md>

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::is;
use crate::harness::strict::list;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// The key of an integration.
pub(super) const KEY: &str = "R0123456789abcdefghijKLMNOPQRSTU";

/// A PagerDuty that knows which alerts are open.
pub(super) struct PagerDuty {
    server: MockServer,
    open: Arc<Mutex<BTreeSet<String>>>,
}

impl PagerDuty {
    pub(super) async fn start() -> Self {
        let open = Arc::new(Mutex::new(BTreeSet::new()));
        let server = MockServer::start().await;
        let alerts = Arc::clone(&open);
        Mock::given(any())
            .respond_with(move |request: &Request| take(request, &mut alerts.lock().unwrap()))
            .mount(&server)
            .await;
        Self { server, open }
    }

    pub(super) fn url(&self) -> String {
        format!("{}/v2/enqueue", self.server.uri())
    }

    /// What a sink needs to page through it.
    pub(super) fn settings(&self) -> Value {
        json!({ "routing_key": KEY, "url": self.url() })
    }

    /// The keys of the alerts that nobody resolved.
    pub(super) fn open(&self) -> Vec<String> {
        self.open.lock().unwrap().iter().cloned().collect()
    }

    /// Everything it got, in the order of arrival.
    pub(super) async fn got(&self) -> Vec<Value> {
        let requests = self.server.received_requests().await.unwrap();
        let bodies = requests.iter().map(|request| request.body_json().unwrap());
        bodies.collect()
    }
}

fn take(request: &Request, open: &mut BTreeSet<String>) -> ResponseTemplate {
    let event: Value = request.body_json().unwrap_or_default();
    if let Err(wrong) = look(request, &event) {
        return ResponseTemplate::new(400).set_body_json(json!({
            "status": "invalid event", "message": "Event object is invalid", "errors": [wrong],
        }));
    }
    let key = event["dedup_key"].as_str().unwrap().to_owned();
    match event["event_action"].as_str() {
        Some("resolve") => open.remove(&key),
        _ => open.insert(key.clone()),
    };
    ResponseTemplate::new(202).set_body_json(json!({
        "status": "success", "message": "Event processed", "dedup_key": key,
    }))
}

/// What is wrong with a request.
fn look(request: &Request, event: &Value) -> Looked {
    let (method, path) = (request.method.as_str(), request.url.path());
    holds((method, path) == ("POST", "/v2/enqueue"), || {
        format!("{method} {path}")
    })?;
    let kind = request.headers.get("content-type");
    holds(kind.is_some_and(|kind| kind == "application/json"), || {
        format!("content-type is {kind:?}")
    })?;
    let length = request.body.len();
    holds(length <= 512 * 1024, || format!("{length} bytes"))?;

    let needs = ["routing_key", "event_action", "dedup_key"];
    let may_have = ["client", "client_url", "images", "links", "payload"];
    object(event, &needs, &may_have)?;
    is(event, "routing_key", KEY)?;
    text(event, "dedup_key", 255)?;
    match event["event_action"].as_str() {
        Some("resolve") => Ok(()),
        Some("trigger") => trigger(event),
        _ => Err("`event_action` is none".to_owned()),
    }
}

fn trigger(event: &Value) -> Looked {
    let payload = &event["payload"];
    let needs = ["summary", "source", "severity"];
    let may_have = ["timestamp", "component", "group", "class", "custom_details"];
    object(payload, &needs, &may_have)?;
    let summary = text(payload, "summary", 1024)?;
    holds(!summary.trim().is_empty(), || "a blank summary".to_owned())?;
    text(payload, "source", usize::MAX)?;
    let severities = ["critical", "error", "warning", "info"].map(Value::from);
    holds(severities.contains(&payload["severity"]), || {
        "`severity` is none".to_owned()
    })?;
    for key in ["component", "group", "class"] {
        if payload.get(key).is_some() {
            text(payload, key, usize::MAX)?;
        }
    }
    let at = text(payload, "timestamp", usize::MAX)?;
    holds(at.parse::<Timestamp>().is_ok(), || format!("no time: {at}"))?;
    holds(payload["custom_details"].is_object(), || {
        "`custom_details` is no object".to_owned()
    })?;
    if event.get("links").is_some() {
        list(event, "links", usize::MAX)?
            .iter()
            .try_for_each(link)?;
    }
    Ok(())
}

fn link(link: &Value) -> Looked {
    object(link, &["href"], &["text"])?;
    let href = text(link, "href", usize::MAX)?;
    holds(href.starts_with("https://"), || format!("no link: {href}"))
}
