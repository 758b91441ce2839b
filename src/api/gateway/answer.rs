//! The vendor's answer, passed on as it comes.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::response::Response;
use bytes::Bytes;
use bytes::BytesMut;
use futures_util::stream;

use super::DOWNWARDS;
use super::crossing;
use crate::cloud::CloudError;
use crate::cloud::Forwarded;

/// An answer whose body comes as the vendor sends it. One that breaks off breaks off here, too.
pub(super) fn streamed(answer: Forwarded) -> Response {
    let (status, headers) = head(&answer);
    let pieces = stream::try_unfold(answer, async |mut answer| {
        let piece = answer.chunk().await?;
        Ok::<_, CloudError>(piece.map(|piece| (piece, answer)))
    });
    (status, headers, Body::from_stream(pieces)).into_response()
}

/// An answer whose body is here, and the body once more.
pub(super) async fn collected(mut answer: Forwarded) -> Result<(Response, Bytes), CloudError> {
    let mut body = BytesMut::new();
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
    }
    let body = body.freeze();
    let (status, headers) = head(&answer);
    let response = (status, headers, Body::from(body.clone())).into_response();
    Ok((response, body))
}

fn head(answer: &Forwarded) -> (StatusCode, HeaderMap) {
    (answer.status, crossing(&answer.headers, DOWNWARDS))
}
