//! A task as JSON, as the API shows it and as sinks are sent it; `docs/api.md` explains each field.

use serde::Serialize;
use serde_json::value::RawValue;
use url::form_urlencoded::byte_serialize;

use crate::event::view::time;
use crate::store::KeptReport;
use crate::store::Reported;
use crate::store::TaskRecord;
use crate::task::ApiVersion;
use crate::task::Projection;
use crate::task::Source;
use crate::task::TaskKind;
use crate::task::TaskOutcome;
use crate::task::TaskState;

/// A task as JSON. What only the Cloud API knows is null until it was asked.
#[derive(Debug, Default, Serialize)]
pub struct TaskView {
    id: String,
    kind: Option<TaskKind>,
    api: Option<ApiVersion>,
    state: Option<TaskState>,
    status: Option<Box<str>>,
    ended: bool,
    session_id: Option<Box<str>>,
    task: Option<Box<str>>,
    output: Option<Box<str>>,
    output_is_cut: Option<bool>,
    output_files: Option<Vec<Box<str>>>,
    error: Option<Box<str>>,
    outcome: Option<TaskOutcome>,
    cost: Option<Box<str>>,
    metadata: Option<Box<RawValue>>,
    created_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
    first_seen_at: Option<String>,
    last_seen_at: Option<String>,
    as_of: Option<String>,
    source: Option<Source>,
    links: Links,
}

/// Where to go on from a task.
#[derive(Debug, Default, Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: String,
    timeline: String,
    wait: String,
    events: Option<String>,
}

impl TaskView {
    /// A task, and what the Cloud API said of it last.
    #[must_use]
    pub fn told(record: &TaskRecord, kept: Option<KeptReport>) -> Self {
        let view = Self::new(record);
        let Some(kept) = kept else {
            return view;
        };
        let report = kept.report;
        // Who confirmed how it stands, and said so after whoever said it first.
        let known = record.projection.status.as_ref();
        let is_confirmed =
            known.is_some_and(|known| known.state() == report.state() && known.at <= kept.as_of);
        let (as_of, source) = if is_confirmed {
            (Some(time(kept.as_of)), Some(kept.source))
        } else {
            (view.as_of, view.source)
        };
        Self {
            api: Some(report.api),
            task: report.task,
            output: report.output,
            output_is_cut: Some(kept.output_is_cut),
            output_files: Some(report.files.into_iter().map(|file| file.name).collect()),
            error: report.error,
            outcome: report.outcome,
            cost: report.cost,
            created_at: report.created_at.map(time).or(view.created_at),
            started_at: report.started_at.map(time).or(view.started_at),
            as_of,
            source,
            ..view
        }
    }

    /// A task that the Cloud API was just asked about.
    #[must_use]
    pub fn reported(reported: &Reported) -> Self {
        Self::told(&reported.task, Some(reported.report.clone()))
    }

    /// A task as far as it was observed.
    #[must_use]
    pub fn new(record: &TaskRecord) -> Self {
        let key = &record.key;
        let Projection {
            status,
            created_at,
            started_at,
            run_id: _,
            session_id,
            metadata,
            first_seen_at,
            last_seen_at,
        } = record.projection.clone();
        let is_session = key.kind == TaskKind::Session;
        let state = record.projection.state();
        Self {
            kind: Some(key.kind),
            ended: state.as_ref().is_some_and(TaskState::ended),
            state,
            session_id: session_id.or_else(|| is_session.then(|| key.id.clone())),
            metadata: metadata.and_then(|text| RawValue::from_string(text.into()).ok()),
            created_at: created_at.map(time),
            started_at: started_at.map(time),
            finished_at: record.projection.ended_at().map(time),
            first_seen_at: Some(time(first_seen_at)),
            last_seen_at: Some(time(last_seen_at)),
            as_of: status.as_ref().map(|status| time(status.at)),
            source: status.as_ref().map(|status| status.source),
            status: status.map(|status| status.word),
            links: Links::new(&key.id, Some(key.kind)),
            ..Self::unheard_of(&key.id)
        }
    }

    /// A task that nobody has told us of.
    #[must_use]
    pub fn unheard_of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            links: Links::new(id, None),
            ..Self::default()
        }
    }
}

/// How a task stands, as JSON.
#[derive(Debug, Serialize)]
pub struct StandView {
    id: String,
    api: Option<ApiVersion>,
    state: Option<TaskState>,
    status: Option<Box<str>>,
    ended: bool,
    as_of: Option<String>,
    source: Option<Source>,
}

impl StandView {
    /// As much as this of a task.
    #[must_use]
    pub fn of(task: TaskView) -> Self {
        Self {
            id: task.id,
            api: task.api,
            state: task.state,
            status: task.status,
            ended: task.ended,
            as_of: task.as_of,
            source: task.source,
        }
    }
}

impl Links {
    fn new(id: &str, kind: Option<TaskKind>) -> Self {
        let id = encoded(id);
        let own = format!("/api/v1/tasks/{id}");
        let filter = kind.map(|kind| match kind {
            TaskKind::Task => "task_id",
            TaskKind::Run => "run_id",
            TaskKind::Session => "session_id",
        });
        Self {
            timeline: format!("{own}/timeline"),
            wait: format!("{own}/wait"),
            events: filter.map(|filter| format!("/api/v1/events?{filter}={id}")),
            own,
        }
    }
}

/// An id as an address takes it, be it in the path or behind the `?`. The vendor's are UUIDs; a
/// stranger's may be anything.
#[must_use]
pub fn encoded(id: &str) -> String {
    let encoded: String = byte_serialize(id.as_bytes()).collect();
    // Forms write a space so, which a path would keep.
    encoded.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_elsewhere() {
        assert_eq!(encoded("5b73fb3f-a3cb_1"), "5b73fb3f-a3cb_1");
        assert_eq!(encoded("../a b?+%é"), "..%2Fa%20b%3F%2B%25%C3%A9");
    }
}
