//! The tasks that samples are sent with.

use serde_json::Value;
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::event::Event;
use crate::routing::Filter;
use crate::task::Enrichment;

/// What may be sent with the news of an end, and how a message calls it.
pub(super) fn with(event: &Event, filter: &Filter) -> Vec<(&'static str, Enrichment)> {
    let unavailable = Enrichment::unavailable("nobody had told of the task in time");
    let whole = task(event, filter);
    let known = [
        ("with its task", outcome(&whole, "success")),
        ("with a task that failed", outcome(&whole, "failure")),
        ("with a task of which little is known", bare(&whole)),
    ];
    let known = known.into_iter().filter_map(|(what, task)| {
        let task = to_raw_value(&task).ok()?;
        Some((what, Enrichment::known(task.into())))
    });
    known
        .chain([("whose task could not be had", unavailable)])
        .collect()
}

fn outcome(task: &Value, outcome: &str) -> Value {
    let mut task = task.clone();
    task["outcome"] = json!(outcome);
    task
}

/// The task as it is where the vendor tells little: what may be null is null.
fn bare(task: &Value) -> Value {
    let mut task = task.clone();
    for name in [
        "session_id",
        "task",
        "output",
        "output_json",
        "error",
        "outcome",
        "cost",
        "created_at",
        "started_at",
        "finished_at",
        "metadata",
    ] {
        task[name] = Value::Null;
    }
    task["output_unavailable"] = json!("Browser Use does not have it yet");
    task["output_files"] = json!([]);
    task["files"] = json!([]);
    task
}

/// A task with all that can be known, and with texts that are awkward to write into something.
fn task(event: &Event, filter: &Filter) -> Value {
    let facts = &event.facts;
    let (kind, id) = match (&facts.task_id, &facts.run_id) {
        (Some(task), _) => ("task", Some(task)),
        (None, Some(run)) => ("run", Some(run)),
        (None, None) => ("session", facts.session_id.as_ref()),
    };
    let mut metadata = json!({ "team": "\"north\" & süd" });
    let wanted = filter.task.iter().flat_map(|task| &task.metadata);
    for (key, values) in wanted {
        metadata[key] = json!(values.iter().next());
    }
    json!({
        "id": id, "kind": kind, "api": "v2", "state": facts.state(), "status": facts.status,
        "ended": facts.state().is_some_and(|state| state.ended()), "session_id": facts.session_id,
        "task": "Find the price of \"X\"\nand tell it.",
        "output": "{\"price\": \"12 €\",\n \"note\": \"a <b> & 'c'\"}", "output_is_cut": false,
        "output_files": ["a b.txt"], "error": "It went \"wrong\".", "outcome": "success",
        "cost": "0.25", "metadata": metadata,
        "created_at": "2026-06-29T21:57:00.000000Z", "started_at": "2026-06-29T21:57:10.000000Z",
        "finished_at": "2026-06-29T22:00:00.000000Z", "first_seen_at": "2026-06-29T21:57:01.000000Z",
        "last_seen_at": "2026-06-29T22:00:01.000000Z", "as_of": "2026-06-29T22:00:02.000000Z",
        "source": "look-up",
        "links": {
            "self": "/api/v1/tasks/1", "timeline": "/api/v1/tasks/1/timeline",
            "wait": "/api/v1/tasks/1/wait", "events": "/api/v1/events?task_id=1",
        },
        "output_json": { "price": "12 €", "note": "a <b> & 'c'" },
        "files": [{ "name": "a b.txt", "url": "/api/v1/tasks/1/output-files/a%20b.txt?download=true" }],
        "output_unavailable": null,
    })
}
