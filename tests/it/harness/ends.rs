//! Ends of tasks with what they came to.

use serde_json::Value;
use serde_json::json;
use serde_json::value::to_raw_value;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::sinks::Outbound;
use tidings::task::Enrichment;

use super::events;

/// The end of a task, with what it came to.
pub(crate) fn end(task: &Value) -> Outbound {
    let body = json!({
        "type": "agent.task.status_update",
        "timestamp": "2026-05-25T09:22:22Z",
        "payload": { "task_id": "task_1", "session_id": "session_1", "status": "finished",
                     "metadata": { "team": "Einkauf & Lager" } },
    });
    Outbound {
        enrichment: Some(Enrichment::known(to_raw_value(task).unwrap().into())),
        ..events::outbound(&body.to_string(), SystemClock.now())
    }
}

/// One that found the price of milk, and brought a file that can be had and one that cannot.
pub(crate) fn milk() -> Outbound {
    end(&json!({
        "task": "Find the price of milk", "output": "1,29 € – at <Bio & Co>", "outcome": "success",
        "cost": "0.03", "started_at": "2026-05-25T09:21:00Z", "finished_at": "2026-05-25T09:22:22Z",
        "files": [{ "name": "a.txt", "url": "https://hooks.example.com/a.txt?x=1&y=2" },
                  { "name": "b.txt", "url": "/api/v1/b.txt" }],
    }))
}
