//! How a file is sent: as it comes from the vendor, or from where it is kept.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;

use crate::cloud::CloudError;
use crate::cloud::Download;
use crate::tasks::capture::KeptFile;
use crate::tasks::encoded;

/// Pictures that a browser may show: they can hold nothing that it would run.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// The header with the checksum of what is sent, as RFC 9530 has it.
const DIGEST: &str = "repr-digest";

/// A file as it comes from the vendor.
pub(super) fn streamed(name: &str, download: Download) -> Response {
    let (kind, length) = (download.content_type.clone(), download.length);
    let pieces = stream::try_unfold(download, async |mut download| {
        let piece = download.chunk().await?;
        Ok::<_, CloudError>(piece.map(|piece| (piece, download)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    describe(response.headers_mut(), name, kind.as_deref(), length);
    response
}

/// A file that is kept, unless the caller has it already.
pub(super) fn kept(kept: KeptFile, request: &HeaderMap) -> Response {
    let KeptFile {
        file,
        content,
        reading,
    } = kept;
    let tag = format!("\"{}\"", hex::encode(content.sha256));
    let has_it = known_by(request).any(|known| known == tag || known == "*");
    let mut response = if has_it {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let pieces = stream::try_unfold(reading, async |mut reading| {
            let piece = reading.piece().await?;
            Ok::<_, std::io::Error>(piece.map(|piece| (piece, reading)))
        });
        let mut response = Body::from_stream(pieces).into_response();
        let (kind, length) = (file.content_type.as_deref(), Some(content.size));
        describe(response.headers_mut(), &file.name, kind, length);
        response
    };
    let digest = format!("sha-256=:{}:", STANDARD.encode(content.sha256));
    let headers = response.headers_mut();
    for (name, value) in [(header::ETAG.as_str(), tag), (DIGEST, digest)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(header::HeaderName::from_static(name), value);
        }
    }
    response
}

/// What the caller has, by its tags.
fn known_by(request: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = request.get_all(header::IF_NONE_MATCH).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let tags = texts.flat_map(|text| text.split(','));
    tags.map(|tag| tag.trim().trim_start_matches("W/"))
}

/// Says what is sent. What an agent fetched from anywhere is not to be shown as a page of ours.
fn describe(headers: &mut HeaderMap, name: &str, kind: Option<&str>, length: Option<u64>) {
    let is_picture = kind.is_some_and(|kind| PICTURES.contains(&kind));
    let kind = kind.and_then(|kind| HeaderValue::from_str(kind).ok());
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(unknown));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    let how = if is_picture { "inline" } else { "attachment" };
    let disposition = format!("{how}; filename*=UTF-8''{}", encoded(name));
    let attached = HeaderValue::from_static("attachment");
    let disposition = HeaderValue::try_from(disposition).unwrap_or(attached);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
}
