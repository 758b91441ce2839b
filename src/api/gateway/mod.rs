//! The Cloud API through Tidings, path for path: for clients that need only another base URL, hold
//! one of our tokens, and never the vendor's key.
//!
//! What crosses is on a list, both ways. Upwards the caller's credentials stay behind: they are
//! ours. Downwards everything stays that speaks about the connection to the vendor and not about
//! the answer, and cookies, which are for whoever holds the key. Bodies are neither read nor
//! logged: they hold secrets of tasks, and what browsers keep.

mod answer;

mod asked;

mod calls;

mod v1;

mod v2;

mod v3;

mod v4;

use axum::Extension;
use axum::Router;
use axum::http::HeaderMap;
use axum::http::HeaderName;

use super::state::ApiState;
use crate::task::ApiVersion;

/// What goes up with a request.
const UPWARDS: &[&str] = &["accept", "content-type", "idempotency-key"];

/// What comes down with an answer.
const DOWNWARDS: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-length",
    "content-type",
    "retry-after",
];

/// Every call that goes through, below `/cloud/api`.
pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .nest("/v1", v1::router().layer(Extension(ApiVersion::V1)))
        .nest("/v2", v2::router().layer(Extension(ApiVersion::V2)))
        .nest("/v3", v3::router().layer(Extension(ApiVersion::V3)))
        .nest("/v4", v4::router().layer(Extension(ApiVersion::V4)))
}

/// Those of the headers that may cross.
fn crossing(headers: &HeaderMap, list: &[&'static str]) -> HeaderMap {
    let of = |name: &&'static str| {
        let value = headers.get(*name)?.clone();
        Some((HeaderName::from_static(name), value))
    };
    list.iter().filter_map(of).collect()
}
