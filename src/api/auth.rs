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
pub(super) async fn demand(
    needed: Scope,
    headers: &HeaderMap,
    state: &ApiState,
) -> Result<(), ApiError> {
    let token = token(headers).ok_or(ApiError::Unauthorized)?;
    let keys = super::Keys::from_ref(state);
    match keys.scope(&token, state.clock.now()).await? {
        None => Err(ApiError::Unauthorized),
        Some(held) if held < needed => Err(ApiError::Forbidden { needed, held }),
        Some(_) => Ok(()),
    }
}

/// The token in the header where the API has it, or in the one in which the vendor's clients send
/// what they take for the vendor's key.
fn token(headers: &HeaderMap) -> Option<Secret> {
    bearer(headers).or_else(|| {
        let token = headers.get("x-browser-use-api-key")?.to_str().ok()?;
        present(token)
    })
}

/// The token in `Authorization: Bearer <token>`.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    present(token).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}

fn present(token: &str) -> Option<Secret> {
    let token = token.trim();
    (!token.is_empty()).then(|| token.into())
}
