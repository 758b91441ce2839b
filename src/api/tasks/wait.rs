//! Waiting for tasks: 200 once it is over, 202 with what is known when the time is up.

use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;

use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::api::params::Params;
use crate::api::params::Period;
use crate::task::TaskState;
use crate::tasks::End;
use crate::tasks::Enough;
use crate::tasks::Known;
use crate::tasks::TaskView;
use crate::tasks::Waited;
use crate::tasks::WaitingRoom;
use crate::tasks::Wish;
use crate::tasks::encoded;

/// How long a request waits unless it says so.
const USUAL: Duration = Duration::from_mins(1);

/// How many tasks one request may wait for.
const MOST: usize = 100;

/// For how many seconds to rest for those who are sent home before their time.
const REST: u32 = 1;

/// Waits for one task.
pub(super) async fn one(
    _: Read,
    State(room): State<WaitingRoom>,
    Id(name): Id<TaskName>,
    mut params: Params,
) -> Result<WaitView<Awaited>, ApiError> {
    let timeout = timeout(&mut params, "timeout")?.unwrap_or(USUAL);
    let manner = Manner::read(&mut params, timeout)?;
    params.finish()?;
    wait_for(&room, name.as_str(), manner).await
}

/// Waits for one task.
pub(super) async fn wait_for(
    room: &WaitingRoom,
    id: &str,
    manner: Manner,
) -> Result<WaitView<Awaited>, ApiError> {
    let again = format!("/api/v1/tasks/{}/wait?{manner}", encoded(id));
    let Waited { mut tasks, end } = room.wait(&[id], manner.wish(Enough::All)).await?;
    let known = tasks.pop().unwrap_or_default();
    Ok(WaitView::new(Awaited::new(id, known), end, again))
}

/// Waits for several tasks.
pub(super) async fn many(
    _: Read,
    State(room): State<WaitingRoom>,
    mut params: Params,
) -> Result<WaitView<Several>, ApiError> {
    let ids: Vec<String> = params.values("ids")?;
    let mode = params.value("mode")?.unwrap_or(Enough::All);
    let timeout = timeout(&mut params, "timeout")?.unwrap_or(USUAL);
    let manner = Manner::read(&mut params, timeout)?;
    params.finish()?;
    if !(1..=MOST).contains(&ids.len()) {
        return Err(ApiError::parameter(
            "ids",
            format!("names 1 to {MOST} tasks"),
        ));
    }

    let named: Vec<String> = ids.iter().map(|id| encoded(id)).collect();
    let again = format!(
        "/api/v1/tasks/wait?ids={}&mode={mode}&{manner}",
        named.join(",")
    );
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let Waited { tasks, end } = room.wait(&ids, manner.wish(mode)).await?;
    let data = ids.into_iter().zip(tasks);
    let data = data.map(|(id, known)| Awaited::new(id, known)).collect();
    Ok(WaitView::new(Several { mode, data }, end, again))
}

/// For how long a parameter says to wait, and no longer than anybody can.
pub(super) fn timeout(
    params: &mut Params,
    name: &'static str,
) -> Result<Option<Duration>, ApiError> {
    let given = params.value(name)?;
    Ok(given.map(|Period(time)| time.min(Wish::LONGEST)))
}

/// How to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    timeout: Duration,
    with_output: bool,
}

impl Manner {
    /// Reads what parameters say beside the time.
    pub(super) fn read(params: &mut Params, timeout: Duration) -> Result<Self, ApiError> {
        match params.value::<String>("until")?.as_deref() {
            None | Some("ended") => {}
            Some(_) => return Err(ApiError::parameter("until", "is `ended`")),
        }
        let with_output = match params.value::<String>("with")?.as_deref() {
            None => false,
            Some("output") => true,
            Some(_) => return Err(ApiError::parameter("with", "is `output`")),
        };
        Ok(Self {
            timeout,
            with_output,
        })
    }

    fn wish(self, enough: Enough) -> Wish {
        Wish {
            enough,
            with_output: self.with_output,
            time: self.timeout,
        }
    }
}

impl fmt::Display for Manner {
    /// As parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Less than a second would be none.
        write!(f, "timeout={}s", self.timeout.as_secs().max(1))?;
        f.write_str(if self.with_output { "&with=output" } else { "" })
    }
}

/// What came of waiting.
#[derive(Debug, Serialize)]
pub(super) struct WaitView<T> {
    #[serde(flatten)]
    what: T,
    /// Where to go on waiting; none once it is over.
    next: Option<String>,
    /// Whether to rest before going on.
    #[serde(skip)]
    is_early: bool,
}

/// A task that was waited for.
#[derive(Debug, Serialize)]
pub(super) struct Awaited {
    #[serde(flatten)]
    task: TaskView,
    /// Whether it takes another turn.
    resumable: bool,
    /// Why there is no output, where it was waited for.
    output_unavailable: Option<String>,
}

/// Several of them.
#[derive(Debug, Serialize)]
pub(super) struct Several {
    mode: Enough,
    data: Vec<Awaited>,
}

impl Awaited {
    fn new(id: &str, known: Known) -> Self {
        let state = known.task.as_ref().and_then(|task| task.projection.state());
        Self {
            resumable: state.as_ref().is_some_and(TaskState::is_resumable),
            output_unavailable: known.no_output.map(|why| why.to_string()),
            task: match known.task {
                Some(task) => TaskView::told(&task, known.report),
                None => TaskView::unheard_of(id),
            },
        }
    }
}

impl<T> WaitView<T> {
    fn new(what: T, end: End, again: String) -> Self {
        Self {
            what,
            next: (end != End::Enough).then_some(again),
            is_early: end == End::SentHome,
        }
    }
}

impl<T: Serialize> IntoResponse for WaitView<T> {
    fn into_response(self) -> Response {
        let Some(next) = self.next.clone() else {
            return Json(self).into_response();
        };
        let is_early = self.is_early;
        let location = [(header::LOCATION, next)];
        let mut response = (StatusCode::ACCEPTED, location, Json(self)).into_response();
        if is_early {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, REST.into());
        }
        response
    }
}
