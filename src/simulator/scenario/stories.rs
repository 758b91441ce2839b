//! The requests of each story.

use std::iter;

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::json;

use super::Expected;
use super::Signed;
use super::Step;
use super::Task;

/// How often the vendor tries again.
const RETRIES: usize = 5;

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A request that is new and as it should be.
fn fine(about: &'static str, body: Bytes) -> Step {
    Step {
        about,
        body,
        signed: Signed::Now,
        expected: Expected::Stored,
    }
}

pub(super) fn lifecycle(task: &Task) -> Vec<Step> {
    vec![
        fine(
            "the task is being set up",
            task.update("initializing", seconds(0)),
        ),
        fine("its browser runs", task.update("started", seconds(2))),
        fine("it has finished", task.update("finished", seconds(40))),
    ]
}

pub(super) fn repeated(task: &Task, about: &'static str, signed: Signed) -> Vec<Step> {
    let first = fine("it has finished", task.update("finished", seconds(40)));
    let again = Step {
        about,
        signed,
        expected: Expected::Duplicate,
        ..first.clone()
    };
    iter::once(first)
        .chain(iter::repeat_n(again, RETRIES))
        .collect()
}

pub(super) fn stale(task: &Task) -> Vec<Step> {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let step = |about, status, age, expected| Step {
        about,
        body: task.update(status, seconds(40)),
        signed: Signed::Ago(age),
        expected,
    };
    vec![
        step(
            "an hour late",
            "started",
            SignedDuration::from_hours(1),
            Expected::Stored,
        ),
        step("two days late", "paused", days(2), Expected::Stored),
        step("two weeks late", "finished", days(14), Expected::Refused),
        step(
            "an hour ahead",
            "stopped",
            SignedDuration::from_hours(-1),
            Expected::Refused,
        ),
    ]
}

pub(super) fn wrong_secret(task: &Task) -> Vec<Step> {
    let step = |about, signed| Step {
        about,
        body: task.update("finished", seconds(40)),
        signed,
        expected: Expected::Refused,
    };
    vec![
        step("signed with another secret", Signed::WithAnotherSecret),
        step(
            "signed with a newline after the secret",
            Signed::WithNewline,
        ),
        fine(
            "signed as it should be",
            task.update("finished", seconds(40)),
        ),
    ]
}

pub(super) fn unicode(task: &Task) -> Vec<Step> {
    let step = |about, status: &str, metadata: &str| {
        let Task { id, session_id, .. } = task;
        // Written by hand: no JSON library writes it so.
        let body = format!(
            r#"{{"type":"agent.task.status_update","timestamp":"{}","payload":{{"session_id":"{session_id}","task_id":"{id}","status":"{status}","metadata":{metadata}}}}}"#,
            task.time(seconds(2)),
        );
        fine(about, body.into())
    };
    vec![
        step(
            "text beyond ASCII",
            "initializing",
            r#"{"city":"München","mood":"😀","sep":"\u2028\u007f"}"#,
        ),
        step(
            "the same, escaped on the wire",
            "started",
            r#"{"city":"M\u00fcnchen","mood":"\ud83d\ude00"}"#,
        ),
        step("half a surrogate pair", "paused", r#"{"broken":"\ud800"}"#),
        step(
            "numbers in many spellings",
            "finished",
            r#"{"n":[1.0,1.10,1E5,1e-7,-0,1e16,123456789012345678901234567890]}"#,
        ),
        step(
            "keys that sort differently",
            "stopped",
            r#"{"10":1,"9":2,"～":3,"😀":4,"é":5,"z":6,"z":7}"#,
        ),
    ]
}

pub(super) fn drift(task: &Task) -> Vec<Step> {
    let Task { id, session_id, .. } = task;
    let camel = json!({"sessionId": session_id, "taskId": id, "status": "stopped"});
    let session = json!({"session_id": session_id, "run_id": id, "status": "idle"});
    let number = json!({"task_id": 7, "status": null, "metadata": null, "cost": {"usd": 0.1}});
    vec![
        fine(
            "a status nobody announced",
            task.update("timed_out", seconds(1)),
        ),
        fine(
            "a type nobody announced",
            task.update_of("agent.task.archived", "finished", seconds(2)),
        ),
        fine(
            "a session instead of a task",
            task.body("session.status.update", seconds(3), session),
        ),
        fine(
            "ids in another spelling",
            task.body("agent.task.status_update", seconds(4), camel),
        ),
        fine(
            "fields of another kind",
            task.body("agent.task.status_update", seconds(5), number),
        ),
        fine(
            "the payload alone, as in early 2025",
            task.flat_update("started"),
        ),
    ]
}
