//! Folding the state of all tasks anew.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::api::auth::Admin;
use crate::api::auth::Read;
use crate::tasks::Progress;
use crate::tasks::Rebuilds;
use crate::tasks::Stage;

/// Begins, unless it goes on already.
pub(super) async fn begin(
    _: Admin,
    State(rebuilds): State<Rebuilds>,
) -> (StatusCode, Json<RebuildView>) {
    rebuilds.begin();
    let view = RebuildView::new(rebuilds.progress());
    (StatusCode::ACCEPTED, Json(view))
}

/// How it goes, or went.
pub(super) async fn show(_: Read, State(rebuilds): State<Rebuilds>) -> Json<RebuildView> {
    Json(RebuildView::new(rebuilds.progress()))
}

/// A rebuild as JSON.
#[derive(Debug, Serialize)]
pub(super) struct RebuildView {
    state: &'static str,
    events_read: i64,
    events: i64,
    tasks_folded: i64,
    tasks: i64,
    added: u64,
    mended: u64,
}

impl RebuildView {
    fn new(progress: Progress) -> Self {
        let so_far = progress.so_far;
        Self {
            state: match progress.stage {
                Stage::None => "none",
                Stage::Running => "running",
                Stage::Done => "done",
                Stage::Failed => "failed",
            },
            events_read: so_far.events_read,
            events: so_far.events,
            tasks_folded: so_far.tasks_folded,
            tasks: so_far.tasks,
            added: so_far.added,
            mended: so_far.mended,
        }
    }
}
