//! Creates tasks.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::Refusal;
use super::session_not_found;
use crate::simulator::server::Account;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::PairLimits;
use crate::simulator::world::Api;
use crate::simulator::world::Assignment;
use crate::simulator::world::Memory;
use crate::simulator::world::SessionSettings;
use crate::simulator::world::World;

/// Metadata, of which nothing but the number of pairs is documented here.
const METADATA: PairLimits = PairLimits {
    count: PairLimits::METADATA.count,
    ..PairLimits::NONE
};

pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut asked = Asked::body(&body)?;
    let assignment = assignment(&mut asked);
    let session_id = asked.id("sessionId");
    let settings = asked.inside("sessionSettings", settings);
    asked.finish()?;

    world.change(|memory, now| {
        account.may_run(Api::V2, memory)?;
        let session = match session_id {
            Some(id) => free_session(memory, id, now)?,
            None => memory.open_session(Api::V2, settings.unwrap_or_default(), now),
        };
        let id = memory.start_run(session, assignment, now);
        let answer = json!({ "id": id, "sessionId": session });
        Ok((StatusCode::ACCEPTED, Json(answer)))
    })
}

fn assignment(asked: &mut Asked) -> Assignment {
    let any = 0..=usize::MAX;
    for flag in ["highlightElements", "flashMode", "thinking"] {
        asked.flag(flag);
    }
    for list in ["allowedDomains", "skillIds"] {
        asked.texts(list);
    }
    for text in ["opVaultId", "judgeLlm"] {
        asked.text(text, any.clone());
    }
    asked.pairs("secrets", PairLimits::NONE);
    asked.text("systemPromptExtension", 0..=10_000);
    asked.text("judgeGroundTruth", 0..=10_000);
    vision(asked);
    let max_steps = asked.integer("maxSteps", 1..=10_000).unwrap_or(100);
    let model = asked.text("llm", any.clone());
    Assignment {
        task: asked.required_text("task", 1..=50_000),
        model: model.unwrap_or_else(|| "browser-use-2.0".to_owned()),
        metadata: asked.pairs("metadata", METADATA),
        start_url: asked.text("startUrl", any.clone()),
        is_judged: asked.flag("judge").unwrap_or_default(),
        is_structured: asked.text("structuredOutput", any).is_some(),
        max_steps: u32::try_from(max_steps).ok(),
        ..Assignment::default()
    }
}

/// `true`, `false` or `"auto"`.
fn vision(asked: &mut Asked) {
    let is_known = match asked.any("vision") {
        None | Some(Value::Bool(_)) => true,
        Some(vision) => vision == "auto",
    };
    if !is_known {
        asked.wrong("vision", "true, false or 'auto' is allowed");
    }
}

/// The settings of a session, whether it is made for a task or by itself.
pub(super) fn settings(asked: &mut Asked) -> SessionSettings {
    asked.integer("browserScreenWidth", 320..=6144);
    asked.integer("browserScreenHeight", 320..=3456);
    SessionSettings {
        is_recorded: asked.flag("enableRecording").unwrap_or_default(),
        profile_id: asked.id("profileId"),
        proxy: asked.text("proxyCountryCode", 2..=2),
        persist_memory: true,
        ..SessionSettings::default()
    }
}

/// A session that takes another task.
fn free_session(memory: &Memory, id: Uuid, now: Timestamp) -> Result<Uuid, Refusal> {
    let session = memory.session(Api::V2, id).ok_or_else(session_not_found)?;
    if memory.session_ended_at(session, now).is_some() {
        return Err(Refusal::bad_request(
            "Browser session is stopped. Please start a new session and try again.",
        ));
    }
    if memory.runs_of(id).any(|run| run.ended_at(now).is_none()) {
        return Err(Refusal::bad_request(
            "Agent session already has a running task. Please wait for it to finish or stop it \
             manually.",
        ));
    }
    Ok(id)
}
