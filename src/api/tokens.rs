//! Tokens: who else may call.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;
use axum::routing::get;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::auth::Admin;
use super::error::ApiError;
use super::id::Id;
use super::page::Listing;
use super::payload::Payload;
use super::state::ApiState;
use crate::access::NewToken;
use crate::access::Scope;
use crate::access::Token;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::access::fresh_token;
use crate::clock::Clock;
use crate::event::view::time;
use crate::period;
use crate::store::Access;

/// How long a token's name may be, in bytes.
const NAME_LIMIT: usize = 100;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/tokens", get(list).post(create))
        .route("/tokens/{id}", delete(revoke))
}

/// Every token, newest first, with what is known of it. The tokens themselves are not kept.
async fn list(
    _: Admin,
    State(access): State<Arc<dyn Access>>,
) -> Result<Json<Listing<TokenView>>, ApiError> {
    let tokens = access.tokens().await?;
    Ok(Listing::whole(tokens.iter().map(TokenView::new).collect()))
}

/// The token somebody wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Wanted {
    scope: String,
    name: Option<String>,
    /// A length of time; absent: it does not end.
    expires_in: Option<String>,
}

impl Wanted {
    fn read(self, hash: TokenHash, now: Timestamp) -> Result<NewToken, ApiError> {
        let wrong = |field: &str, error: &dyn std::fmt::Display| {
            ApiError::parameter(field, format!("does not read: {error}"))
        };
        let scope: Scope = self.scope.parse().map_err(|error| wrong("scope", &error))?;
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.len() > NAME_LIMIT)
        {
            let problem = format!("is longer than {NAME_LIMIT} bytes");
            return Err(ApiError::parameter("name", problem));
        }
        let expires_at = match self.expires_in {
            None => None,
            Some(text) => {
                let period = period::parse(&text).map_err(|error| wrong("expires_in", &error))?;
                Some(end(now, period).ok_or_else(|| {
                    ApiError::parameter("expires_in", "is nothing, or beyond the year 9999")
                })?)
            }
        };
        Ok(NewToken {
            hash,
            scope,
            name: self.name,
            created_at: now,
            expires_at,
        })
    }
}

fn end(now: Timestamp, period: std::time::Duration) -> Option<Timestamp> {
    let period = SignedDuration::try_from(period).ok()?;
    now.checked_add(period).ok().filter(|end| *end > now)
}

/// A token as it is shown once.
#[derive(Debug, Serialize)]
struct Created {
    token: String,
    #[serde(flatten)]
    view: TokenView,
}

/// Makes a token. This answer is the only place where it ever stands.
async fn create(
    _: Admin,
    State(access): State<Arc<dyn Access>>,
    State(clock): State<Arc<dyn Clock>>,
    Payload(wanted): Payload<Wanted>,
) -> Result<(StatusCode, Json<Created>), ApiError> {
    let text = fresh_token();
    let new = wanted.read(TokenHash::of(&text), clock.now())?;
    let token = access.create_token(new).await?;
    let created = Created {
        token: text.expose().to_owned(),
        view: TokenView::new(&token),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Takes a token back: from now on it opens nothing.
async fn revoke(
    _: Admin,
    State(access): State<Arc<dyn Access>>,
    State(clock): State<Arc<dyn Clock>>,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, ApiError> {
    if access.revoke_token(id, clock.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::unknown(&id))
    }
}

/// What is known of a token, as JSON.
#[derive(Debug, Serialize)]
struct TokenView {
    id: TokenId,
    scope: Scope,
    name: Option<String>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
}

impl TokenView {
    fn new(token: &Token) -> Self {
        Self {
            id: token.id,
            scope: token.scope,
            name: token.name.clone(),
            created_at: time(token.created_at),
            expires_at: token.expires_at.map(time),
            revoked_at: token.revoked_at.map(time),
            last_used_at: token.last_used_at.map(time),
        }
    }
}
