//! Addresses where files are put.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde_json::Value;
use serde_json::json;

use super::Origin;
use super::Refusal;
use crate::simulator::server::asked::Asked;
use crate::simulator::world::Target;
use crate::simulator::world::World;

/// What the names of files may end with.
const EXTENSIONS: &[&str] = &[
    "txt", "csv", "json", "xml", "html", "md", "jpg", "jpeg", "png", "gif", "webp", "pdf", "doc",
    "docx", "xls", "xlsx", "ppt", "pptx",
];

pub(super) async fn presign(
    State(world): State<Arc<World>>,
    origin: Origin,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let mut asked = Asked::body(&body)?;
    let name = asked.required_text("file_name", 1..=255);
    let content_type = asked.required_text("content_type", 1..=255);
    asked.finish()?;

    let extension = Path::new(&name)
        .extension()
        .and_then(|found| found.to_str());
    let extension = extension.map(str::to_ascii_lowercase);
    if !extension.is_some_and(|found| EXTENSIONS.contains(&found.as_str())) {
        return Err(Refusal::bad_request("Unsupported file type"));
    }
    let upload = Target::Upload {
        name: name.clone(),
        content_type,
    };
    let url = world.update(|memory, now| origin.presigned(memory, &name, upload, now));
    Ok(Json(json!({ "upload_url": url })))
}
