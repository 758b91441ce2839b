//! Rejections: what was refused, and why.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;

use super::auth::Read;
use super::error::ApiError;
use super::id::Id;
use super::page::Listing;
use super::page::Paging;
use super::params::Params;
use super::state::ApiState;
use crate::event::view::time;
use crate::name::EndpointName;
use crate::rejection::Rejection;
use crate::rejection::RejectionId;
use crate::store::Rejections;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/rejections", get(list))
        .route("/rejections/{id}", get(show))
}

/// Rejections, newest first.
async fn list(
    _: Read,
    State(rejections): State<Arc<dyn Rejections>>,
    mut params: Params,
) -> Result<Json<Listing<RejectionView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    params.finish()?;
    let page = rejections.rejections(paging.slice).await?;
    Ok(paging.answer(&page, RejectionView::new))
}

/// One rejection.
async fn show(
    _: Read,
    State(rejections): State<Arc<dyn Rejections>>,
    Id(id): Id<RejectionId>,
) -> Result<Json<RejectionView>, ApiError> {
    let found = rejections.rejection(id).await?;
    let rejection = found.ok_or_else(|| ApiError::unknown(&id))?;
    Ok(Json(RejectionView::new(&rejection)))
}

/// A rejection as JSON.
#[derive(Debug, Serialize)]
struct RejectionView {
    id: RejectionId,
    at: String,
    endpoint: EndpointName,
    cause: &'static str,
    diagnosis: Option<String>,
    remote: Option<IpAddr>,
    /// By name; a header that came more than once has its values in order.
    headers: BTreeMap<String, Vec<String>>,
    body_size: u64,
    body_sha256: Option<String>,
}

impl RejectionView {
    fn new(rejection: &Rejection) -> Self {
        let request = &rejection.request;
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &request.headers {
            headers.entry(name.clone()).or_default().push(value.clone());
        }
        Self {
            id: rejection.id,
            at: time(request.at),
            endpoint: request.endpoint.clone(),
            cause: request.cause.as_str(),
            diagnosis: request.diagnosis.clone(),
            remote: request.remote,
            headers,
            body_size: request.body_size,
            body_sha256: request.body_sha256.map(hex::encode),
        }
    }
}
