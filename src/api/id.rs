//! The id in a request's path.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::http::request::Parts;

use super::error::ApiError;
use crate::access::TokenId;
use crate::delivery::DeliveryId;
use crate::event::EventId;
use crate::name::EndpointName;
use crate::name::SinkName;
use crate::rejection::RejectionId;
use crate::replay::ReplayId;

/// What is found by an id in the path.
pub(super) trait Identified: Display + FromStr<Err: Display> {
    /// What it is, in a sentence.
    const WHAT: &'static str;
}

impl Identified for DeliveryId {
    const WHAT: &'static str = "delivery";
}

impl Identified for EndpointName {
    const WHAT: &'static str = "endpoint";
}

impl Identified for EventId {
    const WHAT: &'static str = "event";
}

impl Identified for RejectionId {
    const WHAT: &'static str = "rejection";
}

impl Identified for ReplayId {
    const WHAT: &'static str = "replay";
}

impl Identified for SinkName {
    const WHAT: &'static str = "sink";
}

impl Identified for TokenId {
    const WHAT: &'static str = "token";
}

impl ApiError {
    /// There is nothing with this id.
    pub(super) fn unknown<T: Identified>(id: &T) -> Self {
        Self::NotFound {
            what: T::WHAT,
            id: id.to_string(),
            hint: String::new(),
        }
    }
}

/// The one id in a request's path. What is written otherwise names nothing, so it is a 404 too.
#[derive(Debug)]
pub(super) struct Id<T>(pub(super) T);

impl<T: Identified, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // A path that is no UTF-8 names nothing either.
        let path = Path::<String>::from_request_parts(parts, state).await;
        let text = path.map(|Path(text)| text).unwrap_or_default();
        text.parse().map(Self).map_err(|error| ApiError::NotFound {
            what: T::WHAT,
            id: text.chars().take(100).collect(),
            hint: format!(": {error}"),
        })
    }
}
