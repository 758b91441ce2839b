//! Passing a call on; and one that starts a task, which we then know.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use tracing::warn;

use super::answer;
use super::asked::Asked;
use crate::api::error::ApiError;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::cloud::v2::CreatedTask;
use crate::store::TaskBook;
use crate::task::Observation;
use crate::task::Source;
use crate::task::TaskKey;
use crate::task::TaskKind;

/// Passes a call on.
pub(super) async fn pass(
    State(cloud): State<Client>,
    Asked(call): Asked,
) -> Result<Response, ApiError> {
    Ok(answer::streamed(cloud.forward(call).await?))
}

/// Passes a call on that starts a task. Before the caller has its answer the task is known to us,
/// and with it to whoever waits for it.
pub(super) async fn start(
    State(cloud): State<Client>,
    State(book): State<Arc<dyn TaskBook>>,
    State(clock): State<Arc<dyn Clock>>,
    Asked(call): Asked,
) -> Result<Response, ApiError> {
    let (answer, body) = answer::collected(cloud.forward(call).await?).await?;
    // v1 answers the same without a session.
    if answer.status().is_success()
        && let Ok(task) = serde_json::from_slice(&body)
        && let Err(error) = book.observe(vec![begun(task, clock.now())]).await
    {
        // The task runs: whoever is told otherwise starts another. Its webhooks make it known.
        warn!(
            error = &error as &dyn std::error::Error,
            "A task was started through the gateway and could not be written down"
        );
    }
    Ok(answer)
}

fn begun(task: CreatedTask, now: Timestamp) -> (TaskKey, Observation) {
    let key = TaskKey {
        kind: TaskKind::Task,
        id: task.id.into(),
    };
    let observation = Observation {
        source: Source::Gateway,
        at: now,
        seen_at: now,
        word: Some("created".into()),
        run_id: None,
        session_id: task.session_id.map(Into::into),
        metadata: None,
    };
    (key, observation)
}
