//! What the Cloud API said of a task last.

use sqlx::Row as _;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::fold;
use super::fold::Said;
use super::row;
use crate::routing::Lane;
use crate::store::KeptReport;
use crate::store::Reported;
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::codes::api;
use crate::store::sqlite::codes::from_api;
use crate::store::sqlite::codes::from_kind;
use crate::store::sqlite::codes::from_source;
use crate::store::sqlite::codes::from_task_outcome;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::codes::source;
use crate::store::sqlite::codes::task_outcome;
use crate::store::sqlite::codes::text;
use crate::store::sqlite::codes::time;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::script::Script;
use crate::task::Observation;
use crate::task::OutputFile;
use crate::task::TaskKey;
use crate::task::TaskReport;

/// Keeps a report, and observes what it says.
pub(super) async fn keep(store: &SqliteStore, told: KeptReport) -> Result<Reported, StoreError> {
    let mut kept = told.cut();
    let known = find(&store.readers, &kept.report.key).await?;
    let (newer, older) = match known {
        Some(known) if known.as_of > kept.as_of => (Some(known), None),
        older => (None, older),
    };
    // Otherwise there would be a line for each time that somebody asked.
    let is_repeated = older.filter(|older| older.agrees_with(&kept));
    if let Some(earlier) = &is_repeated {
        kept = kept.so_since(earlier);
    }

    let said = Said {
        key: kept.report.key.clone(),
        observation: kept.observation(),
        event: None,
    };
    let mut folded = fold::fold(&store.readers, vec![said]).await?;
    let one = folded.first_mut().ok_or_else(|| torn("task"))?;
    if is_repeated.is_some() {
        one.forget_line();
    }
    let task = one.task.clone();
    let files = written_files(&kept)?;
    let is_newest = newer.is_none();
    store
        .keep(&folded, |script| {
            if is_newest {
                write(script, task.number, &kept, files);
            }
        })
        .await?;
    let report = newer.unwrap_or(KeptReport {
        at: kept.at,
        ..told
    });
    Ok(Reported { task, report })
}

/// The report on the task with this key.
pub(super) async fn find(
    readers: &SqlitePool,
    key: &TaskKey,
) -> Result<Option<KeptReport>, StoreError> {
    let row = sqlx::query(
        "select r.api, r.source, r.as_of, r.at, r.word, r.session_id, r.metadata,
                r.outcome, r.cost, r.created_at, r.started_at, r.finished_at, r.files,
                r.error, r.instruction, r.output, r.output_is_cut
           from task t indexed by task_by_lane
          cross join task_report r on r.task = t.id
          where t.lane = ? and t.kind = ? and t.vendor_id = ?",
    )
    .bind(Lane::of(&key.id).number())
    .bind(from_kind(key.kind))
    .bind(key.id.as_bytes())
    .fetch_optional(readers)
    .await?;
    row.map(|row| read(&row, key)).transpose()
}

/// What the reports on a range of tasks say of how they stand.
pub(super) async fn observations(
    readers: &SqlitePool,
    (behind, through): (i64, i64),
) -> Result<Vec<(i64, Observation)>, StoreError> {
    // The columns of `said!`, without a run and an event.
    let rows = sqlx::query(
        "select r.task, r.source, r.at, r.as_of, r.word, null, r.session_id, r.metadata, null, null
           from task_report r
          where r.task > ? and r.task <= ?",
    )
    .bind(behind)
    .bind(through)
    .fetch_all(readers)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row::observation(row, 1)?)))
        .collect()
}

fn read(row: &SqliteRow, key: &TaskKey) -> Result<KeptReport, StoreError> {
    let moment = |column: usize| row.try_get::<Option<i64>, _>(column)?.map(time).transpose();
    let outcome: Option<i64> = row.try_get(7)?;
    let files: Vec<(Box<str>, Box<str>)> =
        serde_json::from_slice(row.try_get(12)?).map_err(|_no_list| torn("list of files"))?;
    Ok(KeptReport {
        source: source(row.try_get(1)?)?,
        as_of: time(row.try_get(2)?)?,
        at: time(row.try_get(3)?)?,
        output_is_cut: row.try_get(16)?,
        report: TaskReport {
            api: api(row.try_get(0)?)?,
            key: key.clone(),
            status: text(row, 4)?.ok_or_else(|| torn("word"))?,
            session_id: text(row, 5)?,
            metadata: text(row, 6)?,
            outcome: outcome.map(task_outcome).transpose()?,
            cost: text(row, 8)?,
            created_at: moment(9)?,
            started_at: moment(10)?,
            finished_at: moment(11)?,
            // Nobody asks for them later.
            steps: None,
            files: files
                .into_iter()
                .map(|(id, name)| OutputFile { id, name })
                .collect(),
            error: text(row, 13)?,
            task: text(row, 14)?,
            output: text(row, 15)?,
        },
    })
}

/// A JSON list of `[id, name]`.
fn written_files(kept: &KeptReport) -> Result<Vec<u8>, StoreError> {
    let files = kept.report.files.iter();
    let files: Vec<_> = files.map(|file| (&file.id, &file.name)).collect();
    serde_json::to_vec(&files).map_err(|_no_json| torn("list of files"))
}

fn write(script: &mut Script, task: i64, kept: &KeptReport, files: Vec<u8>) {
    let report = &kept.report;
    script.say(
        "insert or replace into task_report
            (task, api, source, as_of, at, word, session_id, metadata, outcome, cost,
             created_at, started_at, finished_at, files, error, instruction, output,
             output_is_cut)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);",
    );
    script.bind(task);
    script.bind(from_api(report.api));
    script.bind(from_source(kept.source));
    script.bind(micros(kept.as_of));
    script.bind(micros(kept.at));
    script.bind(bytes(Some(&report.status)));
    script.bind(bytes(report.session_id.as_deref()));
    script.bind(bytes(report.metadata.as_deref()));
    script.bind(report.outcome.map(from_task_outcome));
    script.bind(bytes(report.cost.as_deref()));
    script.bind(report.created_at.map(micros));
    script.bind(report.started_at.map(micros));
    script.bind(report.finished_at.map(micros));
    script.bind(files);
    script.bind(bytes(report.error.as_deref()));
    script.bind(bytes(report.task.as_deref()));
    script.bind(bytes(report.output.as_deref()));
    script.bind(kept.output_is_cut);
}

/// Text of strangers, which is stored as bytes.
fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    text.map(|text| text.as_bytes().to_vec())
}
