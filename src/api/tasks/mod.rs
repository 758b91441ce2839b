//! Tasks: where they stand, what was said about them, waiting for their end, the files they left
//! behind, and what the Cloud API can do with them.

mod control;

mod file_list;

mod files;

mod granted;

mod media;

mod name;

mod rebuild;

mod run;

mod sent;

mod show;

mod timeline;

mod wait;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;

use self::name::TaskName;
use super::auth::Read;
use super::error::ApiError;
use super::page::Listing;
use super::page::Paging;
use super::params::Moment;
use super::params::Params;
use super::state::ApiState;
use crate::store::TaskBook;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::tasks::TaskView;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/tasks", get(list).post(run::run))
        .route("/tasks/rebuild", get(rebuild::show).post(rebuild::begin))
        .route("/tasks/wait", get(wait::many))
        .route("/tasks/{id}", get(show::show))
        .route("/tasks/{id}/media", get(media::recordings))
        .route("/tasks/{id}/files", get(file_list::list))
        .route("/tasks/{id}/output-files/{name}", get(files::output_file))
        .route("/tasks/{id}/pause", post(control::pause))
        .route("/tasks/{id}/resume", post(control::resume))
        .route("/tasks/{id}/screenshots", get(media::screenshots))
        .route("/tasks/{id}/screenshots/{name}", get(files::screenshot))
        .route("/tasks/{id}/status", get(show::status))
        .route("/tasks/{id}/stop", post(control::stop))
        .route("/tasks/{id}/timeline", get(timeline::list))
        .route("/tasks/{id}/wait", get(wait::one))
}

/// Tasks, newest first.
async fn list(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    mut params: Params,
) -> Result<Json<Listing<TaskView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    let filter = TaskFilter {
        states: params.values("state")?,
        ended: params.value("ended")?,
        session_ids: params.values("session_id")?,
        metadata: params.keyed("metadata.")?,
        since: params.value("since")?.map(|Moment(time)| time),
        until: params.value("until")?.map(|Moment(time)| time),
    };
    params.finish()?;

    let page = book.tasks(&filter, paging.slice).await?;
    Ok(paging.answer(&page, TaskView::new))
}

async fn find(book: &dyn TaskBook, id: &TaskName) -> Result<TaskRecord, ApiError> {
    let found = book.task(id.as_str()).await?;
    found.ok_or_else(|| ApiError::unknown(id))
}
