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
use super::view::TaskView;
use super::view::encoded;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::api::params::Params;
use crate::api::params::Period;
use crate::store::TaskRecord;
use crate::task::TaskState;
use crate::tasks::End;
use crate::tasks::Enough;
use crate::tasks::WaitingRoom;

/// How long a request waits unless it says so.
const USUAL: Duration = Duration::from_mins(1);

/// How many tasks one request may wait for.
const MOST: usize = 100;

/// For how many seconds to rest for those who are sent home before their time.
const REST: u32 = 1;

/// What is said to those who would wait for the output, too.
const NO_OUTPUT: &str = "only the Cloud API knows it, and it is not asked yet";

/// Waits for one task.
pub(super) async fn one(
    _: Read,
    State(room): State<WaitingRoom>,
    Id(name): Id<TaskName>,
    mut params: Params,
) -> Result<WaitView<Awaited>, ApiError> {
    let manner = Manner::read(&mut params)?;
    params.finish()?;

    let id = name.to_string();
    let again = format!("/api/v1/tasks/{}/wait?{manner}", encoded(&id));
    let waited = room
        .wait(&[id.as_str()], Enough::All, manner.timeout)
        .await?;
    Ok(WaitView {
        what: Awaited::new(&id, waited.tasks.first().and_then(Option::as_deref)),
        output_unavailable: manner.output_unavailable(),
        next: (waited.end != End::Enough).then_some(again),
        is_early: waited.end == End::SentHome,
    })
}

/// Waits for several tasks.
pub(super) async fn many(
    _: Read,
    State(room): State<WaitingRoom>,
    mut params: Params,
) -> Result<WaitView<Several>, ApiError> {
    let ids: Vec<String> = params.values("ids")?;
    let mode = params.value("mode")?.unwrap_or(Enough::All);
    let manner = Manner::read(&mut params)?;
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
    let waited = room.wait(&ids, mode, manner.timeout).await?;
    let data = ids.into_iter().zip(&waited.tasks);
    Ok(WaitView {
        what: Several {
            mode,
            data: data
                .map(|(id, task)| Awaited::new(id, task.as_deref()))
                .collect(),
        },
        output_unavailable: manner.output_unavailable(),
        next: (waited.end != End::Enough).then_some(again),
        is_early: waited.end == End::SentHome,
    })
}

/// How to wait.
struct Manner {
    timeout: Duration,
    with_output: bool,
}

impl Manner {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        match params.value::<String>("until")?.as_deref() {
            None | Some("ended") => {}
            Some(_) => return Err(ApiError::parameter("until", "is `ended`")),
        }
        let with_output = match params.value::<String>("with")?.as_deref() {
            None => false,
            Some("output") => true,
            Some(_) => return Err(ApiError::parameter("with", "is `output`")),
        };
        let timeout = params.value("timeout")?.map_or(USUAL, |Period(time)| time);
        Ok(Self {
            timeout: timeout.min(WaitingRoom::LONGEST),
            with_output,
        })
    }

    fn output_unavailable(&self) -> Option<&'static str> {
        self.with_output.then_some(NO_OUTPUT)
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
    /// Why there is no output, where it was asked for.
    output_unavailable: Option<&'static str>,
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
}

/// Several of them.
#[derive(Debug, Serialize)]
pub(super) struct Several {
    mode: Enough,
    data: Vec<Awaited>,
}

impl Awaited {
    fn new(id: &str, task: Option<&TaskRecord>) -> Self {
        let state = task.and_then(|task| task.projection.state());
        Self {
            resumable: state.as_ref().is_some_and(TaskState::is_resumable),
            task: task.map_or_else(|| TaskView::unheard_of(id), TaskView::new),
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
