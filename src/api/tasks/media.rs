//! What a task leaves behind, for some minutes and whoever has the address: recordings and
//! screenshots.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::cloud::Client;
use crate::task::ApiVersion;
use crate::tasks::LookUps;

/// Where recordings of a task can be had.
pub(super) async fn recordings(
    _: Read,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Recordings>, ApiError> {
    let (api, id) = look_ups.place(name.as_str()).await?;
    let recordings = cloud.recordings(api, &id).await?;
    Ok(Json(Recordings { api, recordings }))
}

/// Where screenshots of a task can be had.
pub(super) async fn screenshots(
    _: Read,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Id(name): Id<TaskName>,
) -> Result<Json<Screenshots>, ApiError> {
    let (api, id) = look_ups.place(name.as_str()).await?;
    let screenshots = cloud.screenshots(api, &id).await?;
    Ok(Json(Screenshots { api, screenshots }))
}

/// Recordings as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Recordings {
    api: ApiVersion,
    recordings: Vec<String>,
}

/// Screenshots as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Screenshots {
    api: ApiVersion,
    screenshots: Vec<String>,
}
