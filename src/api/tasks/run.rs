//! Starting a task.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::show::Shown;
use super::wait::Manner;
use super::wait::timeout;
use super::wait::wait_for;
use crate::api::auth::Operate;
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::api::payload::Payload;
use crate::cloud::NewTask;
use crate::tasks::LookUps;
use crate::tasks::Started;
use crate::tasks::TaskView;
use crate::tasks::WaitingRoom;
use crate::tasks::encoded;

/// The largest request to start a task, in bytes: the vendor's longest texts fit.
const LIMIT: usize = 1024 * 1024;

/// Starts a task, and with `wait` waits for its end.
pub(super) async fn run(
    _: Operate,
    State(look_ups): State<LookUps>,
    State(room): State<WaitingRoom>,
    mut params: Params,
    Payload(body): Payload<Value, LIMIT>,
) -> Result<Response, ApiError> {
    let task = match params.value::<String>("api")?.as_deref() {
        None | Some("v2") => NewTask::V2(read(body)?),
        Some("v1") => NewTask::V1(read(body)?),
        Some(_) => return Err(ApiError::parameter("api", "is `v1` or `v2`")),
    };
    let manner = match timeout(&mut params, "wait")? {
        Some(time) => Some(Manner::read(&mut params, time)?),
        None => None,
    };
    params.finish()?;

    let Started { id, known } = look_ups.start(&task).await?;
    if let Some(manner) = manner {
        let waited = wait_for(&room, &id, manner).await?;
        return Ok(waited.into_response());
    }
    let location = [(header::LOCATION, format!("/api/v1/tasks/{}", encoded(&id)))];
    let view = match known {
        Some(known) => TaskView::reported(&known),
        None => TaskView::unheard_of(&id),
    };
    Ok((StatusCode::ACCEPTED, location, Json(Shown::new(view))).into_response())
}

fn read<T: DeserializeOwned>(body: Value) -> Result<Box<T>, ApiError> {
    let read = serde_path_to_error::deserialize(body);
    let read = read.map_err(|error| ApiError::Body(fault(&error)))?;
    Ok(Box::new(read))
}

/// What is wrong with a request. It never quotes a value, which may be a secret.
fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let told = error.inner().to_string();
    if told.starts_with("missing field") {
        return told;
    }
    format!(
        "`{}` has another kind of value than documented",
        error.path()
    )
}
