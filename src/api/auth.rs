//! Who calls, and how far they may go.
//!
//! Each handler names the scope it asks for as its first argument: [`Read`], [`Operate`] or
//! [`Admin`]. `tests/it/api/scopes.rs` holds that none forgets.

use axum::extract::FromRef as _;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;

use super::error::ApiError;
use super::state::ApiState;
use crate::access::Scope;
use crate::secret::Secret;

/// Makes the extractor for one scope.
macro_rules! scope {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name;

        impl FromRequestParts<ApiState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &ApiState,
            ) -> Result<Self, ApiError> {
                demand(Scope::$name, &parts.headers, state).await.map(|()| Self)
            }
        }
    };
}

scope! {
    /// The caller may see everything.
    Read
}

scope! {
    /// The caller may also change what becomes of deliveries.
    Operate
}

scope! {
    /// The caller may also change tokens and secrets.
    Admin
}

/// Lets a request through whose token reaches far enough.
async fn demand(needed: Scope, headers: &HeaderMap, state: &ApiState) -> Result<(), ApiError> {
    let token = bearer(headers).ok_or(ApiError::Unauthorized)?;
    let keys = super::Keys::from_ref(state);
    match keys.scope(&token, state.clock.now()).await? {
        None => Err(ApiError::Unauthorized),
        Some(held) if held < needed => Err(ApiError::Forbidden { needed, held }),
        Some(_) => Ok(()),
    }
}

/// The token in `Authorization: Bearer <token>`.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.into())
}
