//! Passing a call on; and one that starts a task, which we then know.

use axum::extract::State;
use axum::response::Response;

use super::answer;
use super::asked::Asked;
use crate::api::error::ApiError;
use crate::cloud::Client;
use crate::cloud::started;
use crate::tasks::LookUps;

/// Passes a call on.
pub(super) async fn pass(
    State(cloud): State<Client>,
    Asked(call): Asked,
) -> Result<Response, ApiError> {
    Ok(answer::streamed(cloud.forward(call).await?))
}

/// Passes a call on that starts a task. Before the caller has its answer the task is known to us,
/// and told to whoever waits for it.
pub(super) async fn start(
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Asked(call): Asked,
) -> Result<Response, ApiError> {
    let (api, asked) = (call.version, call.body.clone());
    let (answer, answered) = answer::collected(cloud.forward(call).await?).await?;
    if answer.status().is_success()
        && let Some(task) = started(api, &asked, &answered)
    {
        look_ups.started(task).await;
    }
    Ok(answer)
}
