//! Sessions: where tasks take place.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::RawQuery;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::PAGE;
use super::PAGE_SIZE;
use super::Refusal;
use super::create;
use super::page_of;
use super::session;
use super::tasks;
use super::time;
use crate::simulator::server::Account;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::files;
use crate::simulator::server::paging::Page;
use crate::simulator::world::Api;
use crate::simulator::world::Memory;
use crate::simulator::world::Session;
use crate::simulator::world::World;

pub(super) async fn list(
    State(world): State<Arc<World>>,
    origin: Origin,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::query(query.as_deref());
    let page = Page::take(&mut asked, PAGE, PAGE_SIZE);
    let status = asked.one_of("filterBy", &["active", "stopped"]);
    asked.finish()?;
    Ok(world.update(|memory, now| {
        let found = memory.sessions.newest_first().filter(|session| {
            let is = word(memory.session_ended_at(session, now));
            session.api == Api::V2 && status.is_none_or(|wanted| wanted == is)
        });
        let (found, total) = page.of(found.cloned());
        let items = found
            .iter()
            .map(|session| item(session, memory, &origin, now));
        let items = items.collect();
        Json(page_of(page, (items, total)))
    }))
}

pub(super) async fn create(
    State(world): State<Arc<World>>,
    Extension(account): Extension<Account>,
    origin: Origin,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let mut asked = Asked::optional_body(&body)?;
    let mut settings = create::settings(&mut asked);
    settings.keep_alive = asked.flag("keepAlive").unwrap_or(true);
    settings.persist_memory = asked.flag("persistMemory").unwrap_or(true);
    asked.text("startUrl", 0..=usize::MAX);
    asked.inside("customProxy", |proxy| {
        proxy.required_text("host", 1..=255);
        proxy.required_integer("port", 1..=65_535);
    });
    asked.finish()?;

    world.change(|memory, now| {
        account.may_run(Api::V2, memory)?;
        let profile = settings.profile_id;
        if profile.is_some_and(|id| memory.profiles.get(id).is_none()) {
            return Err(Refusal::not_found("Profile not found"));
        }
        let id = memory.open_session(Api::V2, settings, now);
        let session = session(memory, &id.to_string())?.clone();
        let item = item(&session, memory, &origin, now);
        Ok((StatusCode::CREATED, Json(item)))
    })
}

pub(super) async fn show(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, now| whole(memory, &id, &origin, now))
}

pub(super) async fn update(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    asked.require("action");
    asked.one_of("action", &["stop"]);
    asked.finish()?;
    world.change(|memory, now| {
        let stopped = session(memory, &id)?.id;
        memory.stop_session(stopped, now);
        whole(memory, &id, &origin, now)
    })
}

pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    world.change(|memory, now| {
        let id = session(memory, &id)?.id;
        memory.remove_session(id, now);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A session with its tasks.
fn whole(
    memory: &mut Memory,
    id: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Json<Value>, Refusal> {
    let session = session(memory, id)?.clone();
    let mut whole = item(&session, memory, origin, now);
    let tasks = memory.runs_of(session.id);
    whole["tasks"] = tasks.map(|run| tasks::item(run, memory, now)).collect();
    whole["publicShareUrl"] = json!(session.share.map(|token| origin.live(token)));
    Ok(Json(whole))
}

fn item(session: &Session, memory: &mut Memory, origin: &Origin, now: Timestamp) -> Value {
    let ended_at = memory.session_ended_at(session, now);
    let has_recording = session.settings.is_recorded && ended_at.is_some();
    let recording = has_recording.then(|| {
        let recording = files::recording("video/mp4");
        origin.presigned(memory, "recording.mp4", recording, now)
    });
    json!({
        "id": session.id,
        "status": word(ended_at),
        "liveUrl": ended_at.is_none().then(|| origin.live(session.id)),
        "recordingUrl": recording,
        "startedAt": time(session.created_at),
        "finishedAt": ended_at.map(time),
        "persistMemory": session.settings.persist_memory,
        "keepAlive": session.settings.keep_alive,
        "proxyUsedMb": "0",
        "proxyCost": "0",
    })
}

fn word(ended_at: Option<Timestamp>) -> &'static str {
    if ended_at.is_some() {
        "stopped"
    } else {
        "active"
    }
}
