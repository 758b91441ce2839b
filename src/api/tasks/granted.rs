//! Who may have a file: a token that may read, or a link to just this one.

use axum::extract::FromRequestParts;
use axum::extract::MatchedPath;
use axum::extract::Path;
use axum::http::request::Parts;

use crate::access::Scope;
use crate::api::auth::demand;
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::api::state::ApiState;
use crate::tasks::Grant;
use crate::tasks::LinkError;
use crate::tasks::encoded;

/// The parameters of a link.
const EXPIRES: &str = "expires";
const GRANT: &str = "grant";

/// The caller may have what is at this path, which has two parts that are named by the caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted;

impl FromRequestParts<ApiState> for Granted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let refused = match demand(Scope::Read, &parts.headers, state).await {
            Ok(()) => return Ok(Self),
            Err(refused) => refused,
        };
        let Ok(mut params) = Params::from_request_parts(parts, state).await;
        match take(&mut params)? {
            Some(grant) => {
                let path = path(parts, state).await.ok_or(LinkError::NotGenuine)?;
                state.links.check(&path, &grant, state.clock.now())?;
                Ok(Self)
            }
            None => Err(refused),
        }
    }
}

/// Takes out of a query what a link says of itself.
pub(super) fn take(params: &mut Params) -> Result<Option<Grant>, ApiError> {
    let expires: Option<String> = params.value(EXPIRES)?;
    let proof: Option<String> = params.value(GRANT)?;
    // A part of a link is a link that somebody cut.
    let is_any = expires.is_some() || proof.is_some();
    Ok(is_any.then(|| Grant {
        expires: expires.unwrap_or_default(),
        proof: proof.unwrap_or_default(),
    }))
}

/// The path of the request, written as links have it.
async fn path(parts: &mut Parts, state: &ApiState) -> Option<String> {
    let route = MatchedPath::from_request_parts(parts, state).await.ok()?;
    let names = Path::<(String, String)>::from_request_parts(parts, state).await;
    let Path((task, name)) = names.ok()?;
    let (task, name) = (encoded(&task), encoded(&name));
    // What is encoded has no braces.
    let path = route.as_str().replace("{id}", &task);
    Some(path.replace("{name}", &name))
}
