//! The bodies of samples.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::event::OWN_PREFIX;
use crate::event::Origin;
use crate::routing::Filter;
use crate::task::TaskState;

/// When what they tell happened.
const AT: &str = "2026-06-29T22:00:00.900000+00:00";

const TASK: &str = "5b73fb3f-a3cb-4a7c-9d21-6a0f6f3b7c11";
const RUN: &str = "0f6d8c0e-8d0f-4bb4-8a4e-0f7a4f6d2b10";
const SESSION: &str = "cd9c1a7e-5f6d-4a3b-8b0e-2f6f4e1d9a55";

/// The type of what is told of tasks.
const TASK_UPDATE: &str = "agent.task.status_update";

/// The type of what is told of sessions, and of the runs in them.
const SESSION_UPDATE: &str = "session.status.update";

/// The words of webhooks for how a task stands.
const TASK_WORDS: [&str; 6] = [
    "initializing",
    "started",
    "paused",
    "finished",
    "failed",
    "stopped",
];

/// Those for a session.
const SESSION_WORDS: [&str; 5] = ["running", "idle", "stopped", "error", "timed_out"];

/// What events of ours tell.
const OURS: [(&str, &[(&str, &str)]); 3] = [
    (
        "tidings.task.stuck",
        &[("task_id", TASK), ("running_since", AT)],
    ),
    ("tidings.webhooks.silent", &[("silent_since", AT)]),
    ("tidings.test", &[("sink", "a"), ("message", "A test.")]),
];

/// What a sample is called, where it came from, and its body.
type Body = (String, Origin, String);

/// Bodies of every kind, and of those that a filter asks for by name.
pub(super) fn of_every_kind(filter: &Filter) -> Vec<Body> {
    let metadata = metadata(filter);
    let mut bodies = Vec::new();
    for word in TASK_WORDS {
        bodies.push(task(TASK_UPDATE, word, Some(&metadata)));
    }
    if filter.metadata.is_empty() {
        bodies.push(task(TASK_UPDATE, "finished", None));
        bodies.push(task(TASK_UPDATE, "finished", Some(&json!(null))));
        bodies.push(task(TASK_UPDATE, "finished", Some(&json!({}))));
    }
    bodies.extend(SESSION_WORDS.map(session));
    bodies.extend([run(), flat(), no_plain_json(), brand_new()]);
    bodies.extend(OURS.map(|(kind, members)| ours(kind, members)));
    bodies.extend(asked_for(filter, &metadata));
    bodies
}

/// Metadata as a filter wants it, with texts that are awkward to write into something.
fn metadata(filter: &Filter) -> Value {
    let mut metadata = Map::new();
    metadata.insert("team".to_owned(), json!("\"north\" & süd"));
    metadata.insert("note".to_owned(), json!("two\nlines"));
    for (key, values) in &filter.metadata {
        metadata.insert(key.clone(), json!(values.iter().next()));
    }
    metadata.into()
}

/// What the filter names and the others may not be.
fn asked_for(filter: &Filter, metadata: &Value) -> Vec<Body> {
    let words = filter.status.iter().map(String::as_str);
    let states = filter.state.iter().map(TaskState::as_str);
    let kinds = filter.types.iter();
    let told = words.chain(states);
    told.map(|word| task(TASK_UPDATE, word, Some(metadata)))
        .chain(kinds.map(|kind| match kind.strip_prefix(OWN_PREFIX) {
            Some(_) => ours(kind, &[("message", "Something.")]),
            None => task(kind, "finished", Some(metadata)),
        }))
        .collect()
}

fn task(kind: &str, status: &str, metadata: Option<&Value>) -> Body {
    let mut payload = json!({ "session_id": SESSION, "task_id": TASK, "status": status });
    if let Some(metadata) = metadata {
        payload["metadata"] = metadata.clone();
    }
    let with = match metadata {
        None => " without metadata",
        Some(Value::Null) => " with null for metadata",
        Some(Value::Object(members)) if members.is_empty() => " with empty metadata",
        Some(_) => "",
    };
    let what = format!("`{kind}`, {status}{with}");
    (what, Origin::Webhook, whole(kind, &payload))
}

fn session(status: &str) -> Body {
    let payload = json!({ "session_id": SESSION, "status": status });
    let what = format!("`{SESSION_UPDATE}`, {status}");
    (what, Origin::Webhook, whole(SESSION_UPDATE, &payload))
}

/// What no webhook told. The API says no time of it.
fn run() -> Body {
    let payload = json!({ "run_id": RUN, "session_id": SESSION, "status": "completed" });
    let body = json!({ "type": SESSION_UPDATE, "payload": payload });
    let what = format!("`{SESSION_UPDATE}` of a run, reconciled");
    (what, Origin::Reconcile, body.to_string())
}

/// The body of early days.
fn flat() -> Body {
    let body = json!({ "session_id": SESSION, "task_id": TASK, "status": "finished" });
    let what = "a body of early days, without a type".to_owned();
    (what, Origin::Webhook, body.to_string())
}

/// A body that not every client could read as JSON.
fn no_plain_json() -> Body {
    let body = format!(
        r#"{{"type":"{TASK_UPDATE}","timestamp":"{AT}",
            "payload":{{"task_id":"{TASK}","status":"finished","cost":NaN}}}}"#
    );
    let what = format!("`{TASK_UPDATE}` with a body that is no plain JSON");
    (what, Origin::Webhook, body)
}

fn brand_new() -> Body {
    let kind = "agent.something.new";
    let what = "a type that is not known yet".to_owned();
    (what, Origin::Webhook, whole(kind, &json!(["anything"])))
}

fn ours(kind: &str, members: &[(&str, &str)]) -> Body {
    let members = members.iter();
    let payload: Map<String, Value> = members
        .map(|&(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let what = format!("`{kind}`");
    (what, Origin::Tidings, whole(kind, &payload.into()))
}

fn whole(kind: &str, payload: &Value) -> String {
    json!({ "type": kind, "timestamp": AT, "payload": payload }).to_string()
}
