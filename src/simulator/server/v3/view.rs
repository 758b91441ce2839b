//! How a session stands.

use axum::Json;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Origin;
use super::Refusal;
use super::files;
use super::session;
use super::time;
use crate::simulator::world::End;
use crate::simulator::world::Memory;
use crate::simulator::world::Phase;
use crate::simulator::world::Session;

pub(super) fn view(
    memory: &mut Memory,
    id: Uuid,
    origin: &Origin,
    now: Timestamp,
) -> Result<Json<Value>, Refusal> {
    let session = session(memory, id)?.clone();
    let run = memory.runs_of(id).next_back().cloned();
    let run = run.as_ref();
    let status = word(memory, &session, now);
    let (settings, steps) = (&session.settings, run.map(|run| run.steps_taken(now).len()));
    let steps = steps.unwrap_or_default();
    let updated_at = run.map_or(session.created_at, |run| run.updated_at(now));
    let output = run.and_then(|run| run.output(now, memory.mischief.output_lag));
    let output = output.map(|output| match settings.output_schema {
        Some(_) => json!({ "result": output }),
        None => output.into(),
    });
    let phase = run.map(|run| run.phase(now));
    let is_successful = match phase {
        Some(Phase::Ended(end)) => end.is_success(),
        _ => None,
    };
    let has_recording = settings.is_recorded && matches!(phase, Some(Phase::Ended(_)));
    let recordings = has_recording
        .then(|| origin.presigned(memory, "recording.mp4", files::recording("video/mp4"), now));
    let screenshot =
        (steps > 0).then(|| origin.presigned(memory, "screenshot.png", files::screenshot(), now));
    let cost = format!("0.{:02}", steps.min(99));
    Ok(Json(json!({
        "id": session.id,
        "status": status,
        "model": settings.model,
        "title": run.and_then(|run| run.started_at(now).map(|_| run.title())),
        "output": output,
        "outputSchema": settings.output_schema,
        "stepCount": steps,
        "lastStepSummary": (steps > 0).then(|| format!("Step {steps}")),
        "isTaskSuccessful": is_successful,
        "liveUrl": origin.live(session.id),
        "recordingUrls": recordings.as_slice(),
        "profileId": settings.profile_id,
        "workspaceId": settings.workspace_id,
        "proxyCountryCode": settings.proxy,
        "maxCostUsd": settings.max_cost,
        "totalInputTokens": 1_000 * steps,
        "totalOutputTokens": 100 * steps,
        "proxyUsedMb": "0",
        "llmCostUsd": cost,
        "proxyCostUsd": "0",
        "browserCostUsd": "0",
        "totalCostUsd": cost,
        "screenshotUrl": screenshot,
        "agentmailEmail": null,
        "integrationsUsed": [],
        "createdAt": time(session.created_at),
        "updatedAt": time(updated_at),
    })))
}

/// A session's status. Without keep-alive one that has succeeded is `stopped`.
pub(super) fn word(memory: &Memory, session: &Session, now: Timestamp) -> &'static str {
    let run = memory.runs_of(session.id).next_back();
    match run.map(|run| run.phase(now)) {
        _ if session.stopped_at.is_some() => "stopped",
        None => "idle",
        Some(Phase::Created) => "created",
        Some(Phase::Running | Phase::Paused) => "running",
        Some(Phase::Ended(End::Failed)) => "error",
        Some(Phase::Ended(End::TimedOut)) => "timed_out",
        Some(Phase::Ended(_)) if session.settings.keep_alive => "idle",
        Some(Phase::Ended(_)) => "stopped",
    }
}
