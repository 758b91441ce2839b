//! Files: what presigned addresses open.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use uuid::Uuid;

use crate::simulator::world::FILE_LIMIT;
use crate::simulator::world::Run;
use crate::simulator::world::Target;
use crate::simulator::world::World;

/// The smallest picture that is one: a transparent pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\
    \x89\0\0\0\rIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

/// How much a form puts around the file in it, in bytes.
const FORM_AROUND_FILE: usize = 64 * 1024;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/{id}/{name}", get(download).put(put).post(post))
        .layer(DefaultBodyLimit::max(FILE_LIMIT + FORM_AROUND_FILE))
}

/// A picture of what the agent saw.
pub(super) fn screenshot() -> Target {
    Target::Download {
        content_type: "image/png",
        content: Bytes::from_static(PIXEL),
    }
}

/// A recording of what happened. It holds nothing.
pub(super) fn recording(content_type: &'static str) -> Target {
    Target::Download {
        content_type,
        content: Bytes::from_static(b"a made-up recording"),
    }
}

/// Text.
pub(super) fn text(content: String) -> Target {
    Target::Download {
        content_type: "text/plain; charset=utf-8",
        content: content.into(),
    }
}

/// The name of the one file that every successful run writes.
pub(super) const OUTPUT_FILE: &str = "result.txt";

/// Its content.
pub(super) fn output_file(run: &Run) -> Target {
    text(format!("What came of: {}\n", run.assignment.task))
}

async fn download(State(world): State<Arc<World>>, path: Path<(Uuid, String)>) -> Response {
    match open(&world, path.0.0) {
        Ok(Target::Download {
            content_type,
            content,
        }) => ([(CONTENT_TYPE, content_type)], content).into_response(),
        Ok(Target::Upload { .. }) => denied("SignatureDoesNotMatch"),
        Err(refusal) => refusal,
    }
}

/// Takes a file as it is. It has to be declared as it was announced, because that was signed.
async fn put(
    State(world): State<Arc<World>>,
    path: Path<(Uuid, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match open(&world, path.0.0) {
        Ok(Target::Upload { name, content_type }) => {
            let declared = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
            if declared != Some(content_type.as_bytes()) {
                return denied("SignatureDoesNotMatch");
            }
            keep(&world, &name, body.len())
        }
        Ok(Target::Download { .. }) => denied("SignatureDoesNotMatch"),
        Err(refusal) => refusal,
    }
}

/// Takes a file in a form, whose fields are not looked at.
async fn post(
    State(world): State<Arc<World>>,
    path: Path<(Uuid, String)>,
    body: Bytes,
) -> Response {
    match open(&world, path.0.0) {
        Ok(Target::Upload { name, .. }) => keep(&world, &name, body.len().min(FILE_LIMIT)),
        Ok(Target::Download { .. }) => denied("SignatureDoesNotMatch"),
        Err(refusal) => refusal,
    }
}

fn keep(world: &World, name: &str, size: usize) -> Response {
    if size > FILE_LIMIT {
        return said(StatusCode::BAD_REQUEST, "EntityTooLarge");
    }
    world.change(|memory, _| memory.uploads.put(name, size));
    StatusCode::OK.into_response()
}

/// What an address opens, if it still does.
#[expect(
    clippy::result_large_err,
    reason = "it is answered at once and goes no further"
)]
fn open(world: &World, id: Uuid) -> Result<Target, Response> {
    world.look(|memory, now| match memory.links.get(id) {
        Some(link) if now < link.expires_at => Ok(link.target.clone()),
        Some(_) => Err(denied("AccessDenied: Request has expired")),
        None => Err(said(StatusCode::NOT_FOUND, "NoSuchKey")),
    })
}

fn denied(code: &str) -> Response {
    said(StatusCode::FORBIDDEN, code)
}

/// Stores of files speak XML.
fn said(status: StatusCode, code: &str) -> Response {
    let body = format!("<Error><Code>{code}</Code></Error>");
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}
