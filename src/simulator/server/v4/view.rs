//! How runs stand.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::time;
use crate::simulator::world::End;
use crate::simulator::world::Memory;
use crate::simulator::world::Phase;
use crate::simulator::world::Run;

/// How many tokens a model may see.
const CONTEXT_LIMIT: u32 = 200_000;

pub(super) fn view(run: &Run, memory: &Memory, now: Timestamp) -> Value {
    let steps = run.steps_taken(now).len();
    let error = match run.phase(now) {
        Phase::Ended(End::Failed) => Some("The agent met an error"),
        Phase::Ended(End::TimedOut) => Some("The run took longer than it may"),
        _ => None,
    };
    let judged = match run.phase(now) {
        Phase::Ended(end) if run.assignment.is_judged => end.is_success(),
        _ => None,
    };
    json!({
        "id": run.id,
        "task": run.assignment.task,
        "title": run.started_at(now).map(|_| run.title()),
        "model": run.assignment.model,
        "contextLimit": CONTEXT_LIMIT,
        "status": word(run, now),
        "result": run.output(now, memory.mischief.output_lag),
        "error": error,
        "sessionId": run.session_id,
        "workspaceId": workspace(memory, run.session_id),
        "attachedFileIds": null,
        "judgement": judged.map(|verdict| json!({ "verdict": verdict })),
        "totalInputTokens": 1_000 * steps,
        "totalOutputTokens": 100 * steps,
        "totalCostUsd": format!("0.{:02}", steps.min(99)),
        "createdAt": time(run.created_at),
        "updatedAt": time(run.updated_at(now)),
    })
}

pub(super) fn session_view(run: &Run, memory: &Memory, now: Timestamp) -> Value {
    json!({
        "sessionId": run.session_id,
        "workspaceId": workspace(memory, run.session_id),
        "latestRunId": run.id,
        "task": run.assignment.task,
        "title": run.started_at(now).map(|_| run.title()),
        "status": word(run, now),
        "createdAt": time(run.created_at),
        "updatedAt": time(run.updated_at(now)),
    })
}

pub(super) fn workspace(memory: &Memory, session: Uuid) -> Option<Uuid> {
    let session = memory.sessions.get(session)?;
    Some(session.workspace_id)
}

pub(super) fn word(run: &Run, now: Timestamp) -> &'static str {
    match run.phase(now) {
        Phase::Created if run.is_queued(now) => "queued",
        Phase::Created => "dispatching",
        Phase::Running | Phase::Paused => "running",
        Phase::Ended(End::Succeeded | End::Unsuccessful) => "completed",
        Phase::Ended(End::Failed | End::TimedOut) => "failed",
        Phase::Ended(End::Stopped) => "cancelled",
    }
}
