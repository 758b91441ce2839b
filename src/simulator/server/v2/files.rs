//! Addresses of files: uploads, output files, logs.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::Refusal;
use super::session;
use super::task;
use super::time;
use crate::simulator::server::asked::Asked;
use crate::simulator::server::asked::path_id;
use crate::simulator::server::files;
use crate::simulator::world::End;
use crate::simulator::world::LINK_LIFETIME;
use crate::simulator::world::Phase;
use crate::simulator::world::Target;
use crate::simulator::world::World;

/// The largest file, in bytes.
const MOST_BYTES: i64 = 10 * 1024 * 1024;

/// What may be uploaded.
const CONTENT_TYPES: &[&str] = &[
    "image/jpg",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/svg+xml",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/plain",
    "text/csv",
    "text/markdown",
];

pub(super) async fn presign(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let name = asked.required_text("fileName", 1..=255);
    let content_type = asked.required_text("contentType", 1..=255);
    asked.required_integer("sizeBytes", 1..=MOST_BYTES);
    asked.finish()?;
    if !CONTENT_TYPES.contains(&content_type.as_str()) {
        return Err(Refusal::bad_request("Unsupported content type"));
    }
    world.update(|memory, now| {
        session(memory, &id)?;
        let fields = json!({ "key": name, "Content-Type": content_type });
        let upload = Target::Upload {
            name: name.clone(),
            content_type,
        };
        Ok(Json(json!({
            "url": origin.presigned(memory, &name, upload, now),
            "method": "POST",
            "fields": fields,
            "fileName": name,
            "expiresIn": LINK_LIFETIME.as_secs(),
        })))
    })
}

pub(super) async fn output_file(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path((id, file_id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let file_id = path_id(&file_id, "file_id")?;
    world.update(|memory, now| {
        let run = task(memory, &id, now)?;
        let wrote = run.phase(now) == Phase::Ended(End::Succeeded);
        if !wrote || file_id != run.part_id(0) {
            return Err(Refusal::not_found("Output file not found"));
        }
        let file = files::output_file(run);
        let url = origin.presigned(memory, files::OUTPUT_FILE, file, now);
        Ok(Json(json!({
            "id": file_id,
            "fileName": files::OUTPUT_FILE,
            "downloadUrl": url,
        })))
    })
}

pub(super) async fn logs(
    State(world): State<Arc<World>>,
    origin: Origin,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    world.update(|memory, now| {
        let run = task(memory, &id, now)?;
        let mut log = format!("{} created\n", time(run.created_at));
        for (number, at) in (1..).zip(run.steps_taken(now)) {
            // A string takes everything.
            writeln!(log, "{} step {number}", time(at)).ok();
        }
        let url = origin.presigned(memory, "task.log", files::text(log), now);
        Ok(Json(json!({ "downloadUrl": url })))
    })
}
