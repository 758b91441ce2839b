//! What a task leaves behind: recordings, pictures, files.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::Refusal;
use super::task;
use crate::simulator::server::files;
use crate::simulator::world::End;
use crate::simulator::world::Phase;
use crate::simulator::world::Target;
use crate::simulator::world::World;

pub(super) async fn recordings(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let recording = files::recording("video/mp4");
    let url = media(&world, &origin, &id, "recording.mp4", recording)?;
    Ok(Json(json!({ "recordings": [url] })))
}

pub(super) async fn gif(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let recording = files::recording("image/gif");
    let url = media(&world, &origin, &id, "recording.gif", recording)?;
    Ok(Json(json!({ "gif": url })))
}

/// The pictures so far: they are there as soon as they were taken.
pub(super) async fn screenshots(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, now| {
        let run = task(memory, &id, now)?;
        let (id, count) = (run.id, run.steps_taken(now).len());
        let urls = (1..=count).map(|number| {
            let name = format!("{id}-{number}.png");
            origin.presigned(memory, &name, files::screenshot(), now)
        });
        let urls: Vec<String> = urls.collect();
        let urls = (!urls.is_empty()).then_some(urls);
        Ok(Json(json!({ "screenshots": urls })))
    })
}

pub(super) async fn output_file(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path((id, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, now| {
        let run = task(memory, &id, now)?;
        let wrote = run.phase(now) == Phase::Ended(End::Succeeded);
        if !wrote || name != files::OUTPUT_FILE {
            return Err(Refusal::not_found("Output file not found"));
        }
        let file = files::output_file(run);
        let url = origin.presigned(memory, &name, file, now);
        Ok(Json(json!({ "download_url": url })))
    })
}

/// An address for what is there once a task has ended.
fn media(
    world: &World,
    origin: &Origin,
    id: &str,
    name: &str,
    target: Target,
) -> Result<String, Refusal> {
    world.update(|memory, now| {
        if task(memory, id, now)?.ended_at(now).is_none() {
            return Err(Refusal::bad_request(
                "Media is only available for completed tasks",
            ));
        }
        Ok(origin.presigned(memory, name, target, now))
    })
}
