//! What is asked of the gateway, once it is known who asks.

use std::time::Duration;

use axum::extract::FromRequest;
use axum::extract::Request;

use super::UPWARDS;
use super::crossing;
use crate::access::Scope;
use crate::api::auth::demand;
use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::cloud::Forward;
use crate::http::body;

/// The largest body that is passed on, in bytes. Files go elsewhere.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A call that may be passed on: whoever only reads needs the scope `read`, and `operate` who does
/// anything else.
#[derive(Debug)]
pub(super) struct Asked(pub(super) Forward);

impl FromRequest<ApiState> for Asked {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let needed = if parts.method.is_safe() {
            Scope::Read
        } else {
            Scope::Operate
        };
        demand(needed, &parts.headers, state).await?;
        let path = parts.uri.path();
        if !stays_in_place(path) {
            let problem = "has a segment of dots, or one with an encoded dot or slash in it";
            return Err(ApiError::parameter("path", problem));
        }
        let version = parts.extensions.get().copied();
        Ok(Self(Forward {
            version: version.expect("the router of each version says which it is"),
            method: parts.method.clone(),
            path: path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: crossing(&parts.headers, UPWARDS),
            body: body::read(body, BODY_LIMIT, BODY_TIME).await?,
        }))
    }
}

/// Whether a path means the same to whoever reads it next. An encoded slash or a segment of dots is
/// one segment to us, and a way out of it to others.
fn stays_in_place(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    !path.split('/').any(is_dots)
        && !["%2e", "%2f", "%5c", "\\"]
            .iter()
            .any(|way_out| path.contains(way_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_others_would_read_otherwise_is_noticed() {
        for path in [
            "/task/t-1/output-file/a.b..c",
            "/task/%C3%A9%20",
            "/task/...",
        ] {
            assert!(stays_in_place(path), "{path}");
        }
        for path in [
            "/task/../me",
            "/task/./media",
            "/task/%2e%2E/media",
            "/task/x%2F..%2fme",
            "/task/..%5cme",
            "/task/..\\me",
        ] {
            assert!(!stays_in_place(path), "{path}");
        }
    }
}
