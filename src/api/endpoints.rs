//! Endpoints: whether they can receive, and the secret that lets them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::put;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use tracing::info;

use super::auth::Admin;
use super::auth::Read;
use super::error::ApiError;
use super::id::Id;
use super::page::Listing;
use super::payload::Payload;
use super::state::ApiState;
use crate::clock::Clock;
use crate::event::view::time;
use crate::ingest::Pings;
use crate::keyring::Keyring;
use crate::name::EndpointName;
use crate::secret::NamedSecret;
use crate::secret::Secret;
use crate::store::Endpoints;

/// The name of a secret that is given without one.
const UNNAMED: &str = "set";

/// How long a secret and its name may be, in bytes.
const SECRET_LIMIT: usize = 1024;
const NAME_LIMIT: usize = 64;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/endpoints", get(list))
        .route("/endpoints/{name}/secret", put(set_secret))
}

/// Every endpoint: the names of its secrets, and when the test ping came last.
async fn list(
    _: Read,
    State(secrets): State<Keyring>,
    State(pings): State<Pings>,
    State(store): State<Arc<dyn Endpoints>>,
) -> Result<Json<Listing<EndpointView>>, ApiError> {
    let written: BTreeMap<EndpointName, Timestamp> = store.pings().await?.into_iter().collect();
    let views = secrets
        .iter()
        .map(|(name, secrets)| EndpointView {
            name: name.clone(),
            secrets: secrets
                .in_force()
                .iter()
                .map(|secret| secret.name.clone())
                .collect(),
            last_ping_at: pings.last(name).max(written.get(name).copied()).map(time),
        })
        .collect();
    Ok(Listing::whole(views))
}

/// An endpoint as JSON.
#[derive(Debug, Serialize)]
struct EndpointView {
    name: EndpointName,
    secrets: Vec<Box<str>>,
    last_ping_at: Option<String>,
}

/// The secret that Browser Use showed when the webhook was made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Given {
    secret: Secret,
    name: Option<String>,
}

impl Given {
    /// Refuses what cannot be meant.
    fn read(self) -> Result<NamedSecret, ApiError> {
        let name = self.name.unwrap_or_else(|| UNNAMED.to_owned());
        if name.is_empty() || name.len() > NAME_LIMIT || name.chars().any(char::is_control) {
            let problem = format!("is 1 to {NAME_LIMIT} bytes of plain text");
            return Err(ApiError::parameter("name", problem));
        }
        let text = self.secret.expose();
        if text.is_empty() || text.len() > SECRET_LIMIT {
            let problem = format!("is 1 to {SECRET_LIMIT} bytes long");
            return Err(ApiError::parameter("secret", problem));
        }
        if self.secret.is_pasted_badly() {
            let problem = "has a blank, a line break or a quote around it: give it without";
            return Err(ApiError::parameter("secret", problem));
        }
        Ok(NamedSecret {
            name: name.into(),
            secret: self.secret,
        })
    }
}

/// Gives an endpoint a secret, in place of one with the same name. It counts at once, and after a
/// restart too.
async fn set_secret(
    _: Admin,
    State(secrets): State<Keyring>,
    State(store): State<Arc<dyn Endpoints>>,
    State(clock): State<Arc<dyn Clock>>,
    Id(endpoint): Id<EndpointName>,
    Payload(given): Payload<Given>,
) -> Result<StatusCode, ApiError> {
    let in_force = secrets
        .of(&endpoint)
        .ok_or_else(|| ApiError::unknown(&endpoint))?;
    let secret = given.read()?;
    store.set_secret(&endpoint, &secret, clock.now()).await?;
    info!(endpoint.name = %endpoint, secret.name = %secret.name, "A webhook secret was given");
    in_force.give(secret);
    Ok(StatusCode::NO_CONTENT)
}
