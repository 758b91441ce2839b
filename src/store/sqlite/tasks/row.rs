//! A task and its observations as rows.

use serde_json::Value;
use serde_json::json;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::event::Origin;
use crate::routing::Lane;
use crate::store::StoreError;
use crate::store::TaskRecord;
use crate::store::sqlite::codes::count;
use crate::store::sqlite::codes::from_kind;
use crate::store::sqlite::codes::from_source;
use crate::store::sqlite::codes::kind;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::codes::source;
use crate::store::sqlite::codes::text;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::facts;
use crate::task::Observation;
use crate::task::Projection;
use crate::task::Status;
use crate::task::TaskKey;

/// What [`read`] wants of a task `t`, in its order.
macro_rules! columns {
    () => {
        "t.id, t.kind, t.vendor_id, t.observations, t.word, t.source, t.at, t.seen_at,
         t.created_at, t.started_at, t.run_id, t.session_id, t.metadata,
         t.first_seen_at, t.last_seen_at"
    };
}

/// What [`observation`] wants of an observation `o` and its event `e`, in its order.
macro_rules! said {
    () => {
        "o.source, o.at, o.seen_at, o.word, o.run_id, o.session_id, o.metadata, o.event, e.body"
    };
}

/// The tables of [`said!`].
macro_rules! timeline {
    () => {
        " observation o left join event e on e.seq = o.event "
    };
}

pub(super) use columns;
pub(super) use said;
pub(super) use timeline;

/// Reads a task from a row of [`columns!`].
pub(super) fn read(row: &SqliteRow) -> Result<TaskRecord, StoreError> {
    let moment = |column: usize| row.try_get::<Option<i64>, _>(column)?.map(time).transpose();
    let status = match (text(row, 4)?, row.try_get(5)?, moment(6)?, moment(7)?) {
        (Some(word), Some(code), Some(at), Some(seen_at)) => Some(Status {
            word,
            source: source(code)?,
            at,
            seen_at,
        }),
        _ => None,
    };
    Ok(TaskRecord {
        number: row.try_get(0)?,
        key: TaskKey {
            kind: kind(row.try_get(1)?)?,
            id: text(row, 2)?.ok_or_else(|| torn("task id"))?,
        },
        observations: count(row.try_get(3)?)?,
        projection: Projection {
            status,
            created_at: moment(8)?,
            started_at: moment(9)?,
            run_id: text(row, 10)?,
            session_id: text(row, 11)?,
            metadata: text(row, 12)?,
            first_seen_at: time(row.try_get(13)?)?,
            last_seen_at: time(row.try_get(14)?)?,
        },
    })
}

/// A task as a list of values, in the order of its table's columns.
pub(super) fn written(task: &TaskRecord) -> Value {
    let projection = &task.projection;
    let status = projection.status.as_ref();
    json!([
        task.number,
        from_kind(task.key.kind),
        hex::encode(&*task.key.id),
        Lane::of(&task.key.id).number(),
        task.observations,
        status.map(|status| hex::encode(&*status.word)),
        status.map(|status| from_source(status.source)),
        status.map(|status| micros(status.at)),
        status.map(|status| micros(status.seen_at)),
        projection.created_at.map(micros),
        projection.started_at.map(micros),
        hex(projection.run_id.as_deref()),
        hex(projection.session_id.as_deref()),
        hex(projection.metadata.as_deref()),
        micros(projection.first_seen_at),
        micros(projection.last_seen_at),
    ])
}

/// Reads an observation from a row of [`said!`], which begins at column `first`. What its event
/// says of ids and metadata is read from the body again.
pub(super) fn observation(row: &SqliteRow, first: usize) -> Result<Observation, StoreError> {
    let mut observation = Observation {
        source: source(row.try_get(first)?)?,
        at: time(row.try_get(first + 1)?)?,
        seen_at: time(row.try_get(first + 2)?)?,
        word: text(row, first + 3)?,
        run_id: text(row, first + 4)?,
        session_id: text(row, first + 5)?,
        metadata: text(row, first + 6)?,
    };
    if let Some(body) = row.try_get(first + 8)? {
        let seen_at = observation.seen_at;
        let said = Observation::of_event(Origin::Webhook, facts::read(body), None, seen_at);
        if let Some((_, said)) = said {
            observation.run_id = said.run_id;
            observation.session_id = said.session_id;
            observation.metadata = said.metadata;
        }
    }
    Ok(observation)
}

/// Whether the event that an observation came from is gone, and what only it said.
pub(super) fn is_without_its_event(row: &SqliteRow, first: usize) -> Result<bool, StoreError> {
    let event: Option<i64> = row.try_get(first + 7)?;
    let body: Option<&[u8]> = row.try_get(first + 8)?;
    Ok(event.is_some() && body.is_none())
}

/// Text as JSON in SQLite can hold it: it would end a string at NUL.
pub(super) fn hex(text: Option<&str>) -> Option<String> {
    text.map(hex::encode)
}
