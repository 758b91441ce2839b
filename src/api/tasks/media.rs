//! What a task leaves behind for its watchers: recordings and screenshots, by their addresses.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::task::ApiVersion;
use crate::tasks::Links;
use crate::tasks::LookUps;
use crate::tasks::capture::KeptFiles;

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

/// Where screenshots of a task can be had: from us where all of them are kept, and where the vendor
/// does not tell.
pub(super) async fn screenshots(
    _: Read,
    State(kept_files): State<KeptFiles>,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    State(links): State<Links>,
    State(clock): State<Arc<dyn Clock>>,
    Id(name): Id<TaskName>,
) -> Result<Json<Screenshots>, ApiError> {
    let (api, id) = look_ups.place(name.as_str()).await?;
    let kept = kept_files.screenshots(&id).await?;
    let link = |number: &u32| links.to_screenshot(&id, *number, clock.now());
    let ours = || kept.numbers.iter().map(link).collect();
    let screenshots = if kept.are_all {
        ours()
    } else {
        match cloud.screenshots(api, &id).await {
            Err(error) if kept.numbers.is_empty() => return Err(error.into()),
            told => told.unwrap_or_else(|_| ours()),
        }
    };
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
