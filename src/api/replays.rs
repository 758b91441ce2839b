//! Replays: many deliveries owed once more, counted first, watched, and cancelled.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;

use super::auth::Operate;
use super::auth::Read;
use super::error::ApiError;
use super::filter;
use super::id::Id;
use super::page::Listing;
use super::page::Paging;
use super::params::Params;
use super::payload::Payload;
use super::replay_view::CountView;
use super::replay_view::ReplayView;
use super::sinks::known;
use super::state::ApiState;
use super::state::SinkEntry;
use crate::delivery::DeliveryState;
use crate::name::SinkName;
use crate::replay::ReplayId;
use crate::replay::ReplayState;
use crate::replays::Replayer;
use crate::replays::Wish;
use crate::store::Replays;
use crate::store::Selection;

pub(super) fn router() -> Router<ApiState> {
    Router::new()
        .route("/replays", get(list).post(begin))
        .route("/replays/{id}", get(show).delete(cancel))
        .route("/deliveries/retry", post(retry))
}

/// Replays, newest first.
async fn list(
    _: Read,
    State(replays): State<Arc<dyn Replays>>,
    mut params: Params,
) -> Result<Json<Listing<ReplayView>>, ApiError> {
    let paging = Paging::read(&mut params)?;
    params.finish()?;
    let page = replays.list_replays(paging.slice).await?;
    Ok(paging.answer(&page, ReplayView::new))
}

/// One replay.
async fn show(
    _: Read,
    State(replays): State<Arc<dyn Replays>>,
    Id(id): Id<ReplayId>,
) -> Result<Json<ReplayView>, ApiError> {
    let found = replays.find_replay(id).await?;
    let replay = found.ok_or_else(|| ApiError::unknown(&id))?;
    Ok(Json(ReplayView::new(&replay)))
}

/// Ends a replay before its time.
async fn cancel(
    _: Operate,
    State(replayer): State<Arc<Replayer>>,
    Id(id): Id<ReplayId>,
) -> Result<Json<ReplayView>, ApiError> {
    let cancelled = replayer.cancel(id).await?;
    let replay = cancelled.ok_or_else(|| ApiError::unknown(&id))?;
    if replay.state == ReplayState::Done {
        return Err(ApiError::Done);
    }
    Ok(Json(ReplayView::new(&replay)))
}

/// Which events are to go out once more, and where to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Events {
    filter: Option<Params>,
    /// Absent: to every sink.
    sinks: Option<Vec<SinkName>>,
    #[serde(default)]
    dry_run: bool,
}

/// Owes many events once more, each to those of the sinks whose own filter lets it through.
async fn begin(
    _: Operate,
    State(replayer): State<Arc<Replayer>>,
    State(configured): State<Arc<[SinkEntry]>>,
    Payload(wanted): Payload<Events>,
) -> Result<Response, ApiError> {
    let mut params = given(wanted.filter)?;
    let filter = filter::events(&mut params)?;
    params.finish()?;
    let wish = Wish {
        selection: Selection::Events(filter),
        sinks: match wanted.sinks {
            Some(named) => known("sinks", named, &configured)?,
            None => all(&configured),
        },
    };
    carry_out(&replayer, wish, wanted.dry_run).await
}

/// Which deliveries are to be tried again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Letters {
    filter: Option<Params>,
    #[serde(default)]
    dry_run: bool,
}

/// Owes many dead letters again.
async fn retry(
    _: Operate,
    State(replayer): State<Arc<Replayer>>,
    State(configured): State<Arc<[SinkEntry]>>,
    Payload(wanted): Payload<Letters>,
) -> Result<Response, ApiError> {
    let mut params = given(wanted.filter)?;
    let mut filter = filter::deliveries(&mut params)?;
    params.finish()?;
    if filter.states.is_empty() {
        filter.states.push(DeliveryState::Dead);
    }
    let is_letter = |state| matches!(state, DeliveryState::Dead | DeliveryState::Discarded);
    if !filter.states.iter().copied().all(is_letter) {
        let problem = "is `dead` or `discarded` here: everything else is owed or was delivered";
        return Err(ApiError::parameter("state", problem));
    }
    let wish = Wish {
        sinks: if filter.sinks.is_empty() {
            all(&configured)
        } else {
            known("sink", filter.sinks.clone(), &configured)?
        },
        selection: Selection::Deliveries(filter),
    };
    carry_out(&replayer, wish, wanted.dry_run).await
}

/// A filter must be there: who forgot it did not mean everything.
fn given(filter: Option<Params>) -> Result<Params, ApiError> {
    filter.ok_or_else(|| ApiError::parameter("filter", "is missing: give one, or `{}` for all"))
}

fn all(configured: &[SinkEntry]) -> Vec<SinkName> {
    configured.iter().map(|entry| entry.name.clone()).collect()
}

/// Counts what a wish is about, and unless that was all that was asked for, begins.
async fn carry_out(replayer: &Replayer, wish: Wish, dry_run: bool) -> Result<Response, ApiError> {
    if wish.sinks.is_empty() {
        return Err(ApiError::parameter(
            "sinks",
            "names none, or none is configured",
        ));
    }
    let count = replayer.count(&wish).await?;
    if dry_run {
        return Ok(Json(CountView::new(&count)).into_response());
    }
    let begun = replayer.begin(wish, &count).await?;
    let replay = begun.ok_or(ApiError::TooManyReplays)?;
    Ok((StatusCode::ACCEPTED, Json(ReplayView::new(&replay))).into_response())
}
