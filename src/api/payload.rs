//! The JSON that comes with a request.

use std::time::Duration;

use axum::extract::FromRequest;
use axum::extract::Request;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::http::body;

/// The largest body the API reads as a rule, in bytes.
const USUAL: usize = 64 * 1024;

/// How long a body may take to arrive.
const WITHIN: Duration = Duration::from_secs(10);

/// The JSON that comes with a request, of at most `LIMIT` bytes. No body at all is an empty object.
#[derive(Debug)]
pub(super) struct Payload<T, const LIMIT: usize = USUAL>(pub(super) T);

impl<T: DeserializeOwned, S: Sync, const LIMIT: usize> FromRequest<S> for Payload<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = body::read(request.into_body(), LIMIT, WITHIN).await?;
        parse(if bytes.is_empty() { b"{}" } else { &bytes }).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| ApiError::Body(error.to_string()))?;
    json.end()
        .map_err(|error| ApiError::Body(error.to_string()))?;
    Ok(value)
}
