//! What is kept of the files of ended tasks, between two turns.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;
use sqlx::Connection as _;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::codes::count;
use super::codes::file_kind;
use super::codes::from_file_kind;
use super::codes::kind;
use super::codes::micros;
use super::codes::text;
use super::codes::time;
use super::codes::torn;
use super::script::Script;
use crate::event::Seq;
use crate::store::Capture;
use crate::store::Captured;
use crate::store::Captures;
use crate::store::Content;
use crate::store::Fate;
use crate::store::OpenCapture;
use crate::store::Page;
use crate::store::StoreError;
use crate::store::TaskFile;
use crate::task::TaskKey;
use crate::task::TaskState;

/// The name under which the log is followed for ends.
const FOLLOWER: &str = "captures";

/// What [`file()`] wants of a file `f`, in its order.
macro_rules! columns {
    () => {
        "f.kind, f.number, f.vendor_id, f.name, f.content_type, f.decided_at,
         f.path, f.size, f.sha256, f.reason"
    };
}

#[async_trait]
impl Captures for SqliteStore {
    async fn note_ends(
        &self,
        since: Timestamp,
        after: SignedDuration,
        limit: usize,
    ) -> Result<bool, StoreError> {
        let followed = self.read_through("tasks").await?.unwrap_or(0);
        let behind = match self.read_through(FOLLOWER).await? {
            Some(behind) => behind,
            None => self.first_since(since).await? - 1,
        };
        if followed <= behind {
            return Ok(true);
        }
        let limit = Seq::try_from(limit.max(1)).unwrap_or(Seq::MAX);
        let through = behind.saturating_add(limit).min(followed);
        let mut script = Script::default();
        note(&mut script, (behind, through), since, after);
        let mut writer = self.writer().await?;
        // What a power cut takes back is read again.
        writer.will_sync(false).await?;
        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        script.run(&mut transaction).await?;
        transaction.commit().await?;
        Ok(through == followed)
    }

    async fn open_captures(&self, limit: usize) -> Result<Vec<OpenCapture>, StoreError> {
        let rows = sqlx::query(
            "select c.task, t.kind, t.vendor_id, c.ended_at, c.due_at, c.failures
               from capture c indexed by capture_due cross join task t on t.id = c.task
              where c.due_at is not null order by c.due_at limit ? + 0",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        let read = |row: &SqliteRow| {
            Ok(OpenCapture {
                task: row.try_get(0)?,
                key: TaskKey {
                    kind: kind(row.try_get(1)?)?,
                    id: text(row, 2)?.ok_or_else(|| torn("task id"))?,
                },
                ended_at: time(row.try_get(3)?)?,
                due_at: time(row.try_get(4)?)?,
                failures: count(row.try_get(5)?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn decide_file(&self, task: i64, file: TaskFile) -> Result<(), StoreError> {
        let (content, reason) = match file.fate {
            Fate::Kept(content) => (Some(content), None),
            Fate::Skipped(reason) => (None, Some(bytes(reason))),
        };
        let size = content.as_ref().map(|content| content.size);
        // What a power cut takes back is fetched again, to the same place.
        let mut writer = self.writer().await?;
        writer.will_sync(false).await?;
        sqlx::query(
            "insert or replace into task_file
                (task, kind, number, vendor_id, name, content_type, decided_at,
                 path, size, sha256, reason)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(task)
        .bind(from_file_kind(file.kind))
        .bind(file.number)
        .bind(bytes(file.vendor_id))
        .bind(bytes(file.name))
        .bind(file.content_type.map(bytes))
        .bind(micros(file.at))
        .bind(content.as_ref().map(|content| content.path.to_string()))
        .bind(size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)))
        .bind(content.map(|content| content.sha256.to_vec()))
        .bind(reason)
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }

    async fn settle_capture(&self, task: i64, captured: Captured) -> Result<(), StoreError> {
        let (failed, due_at, reason) = match captured {
            Captured::All => (0, None, None),
            Captured::Again { at, reason } => (1, Some(micros(at)), Some(bytes(reason))),
            Captured::Lost { reason } => (1, None, Some(bytes(reason))),
        };
        let mut writer = self.writer().await?;
        writer.will_sync(false).await?;
        sqlx::query(
            "update capture set failures = failures + ?, due_at = ?, reason = ? where task = ?",
        )
        .bind(failed)
        .bind(due_at)
        .bind(reason)
        .bind(task)
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }

    async fn capture(&self, task: i64) -> Result<Option<Capture>, StoreError> {
        let found =
            sqlx::query("select ended_at, due_at, failures, reason from capture where task = ?")
                .bind(task)
                .fetch_optional(&self.readers)
                .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let files = sqlx::query(concat!(
            "select ",
            columns!(),
            " from task_file f where f.task = ? order by f.kind, f.number"
        ))
        .bind(task)
        .fetch_all(&self.readers)
        .await?;
        let due_at: Option<i64> = row.try_get(1)?;
        Ok(Some(Capture {
            ended_at: time(row.try_get(0)?)?,
            due_at: due_at.map(time).transpose()?,
            failures: count(row.try_get(2)?)?,
            reason: text(&row, 3)?,
            files: files.iter().map(file).collect::<Result<_, _>>()?,
        }))
    }

    async fn kept_bytes(&self) -> Result<u64, StoreError> {
        let bytes: Option<i64> = sqlx::query_scalar("select sum(size) from task_file")
            .fetch_one(&self.readers)
            .await?;
        count(bytes.unwrap_or(0))
    }

    async fn kept_contents(
        &self,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Content>, StoreError> {
        let behind = after.unwrap_or(0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let last: Option<i64> = sqlx::query_scalar(
            "select task from capture where task > ? order by task limit 1 offset ?",
        )
        .bind(behind)
        .bind(limit - 1)
        .fetch_optional(&self.readers)
        .await?;
        let rows = sqlx::query(
            "select f.path, f.size, f.sha256 from task_file f
              where f.task > ? and f.task <= ? and f.path is not null
              order by f.task, f.kind, f.number",
        )
        .bind(behind)
        .bind(last.unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        Ok(Page {
            items: rows
                .iter()
                .map(|row| content(row, 0))
                .collect::<Result<_, _>>()?,
            next: last,
        })
    }
}

impl SqliteStore {
    /// How far somebody has read the log; none: they never did.
    async fn read_through(&self, follower: &str) -> Result<Option<Seq>, StoreError> {
        let seq = sqlx::query_scalar("select seq from follower where name = ?")
            .bind(follower)
            .fetch_optional(&self.readers)
            .await?;
        Ok(seq)
    }
}

/// Notes the ends that are told in a stretch of the log, and that it was read.
fn note(
    script: &mut Script,
    (behind, through): (Seq, Seq),
    since: Timestamp,
    after: SignedDuration,
) {
    let after = i64::try_from(after.as_micros()).unwrap_or(i64::MAX);
    let words = TaskState::ENDS.iter().flat_map(TaskState::words);
    let words: Vec<String> = words.map(hex::encode).collect();
    script.say(
        "insert into capture (task, ended_at, due_at)
         select o.task, o.at, o.seen_at + ?
           from observation o indexed by observation_by_event
          where o.event is not null and o.event > ? and o.event <= ? and o.seen_at >= ?
            and o.word in (select unhex(value) from json_each(?))
          order by o.event
             on conflict (task) do nothing;
         insert into follower (name, seq) values (?, ?)
             on conflict (name) do update set seq = excluded.seq;",
    );
    script.bind(after);
    script.bind(behind);
    script.bind(through);
    script.bind(micros(since));
    script.bind(json!(words).to_string());
    script.bind(FOLLOWER);
    script.bind(through);
}

/// Reads a file from a row of [`columns!`].
fn file(row: &SqliteRow) -> Result<TaskFile, StoreError> {
    let said = |column, what| text(row, column)?.ok_or_else(|| torn(what));
    let fate = match row.try_get::<Option<&str>, _>(6)? {
        Some(_) => Fate::Kept(content(row, 6)?),
        None => Fate::Skipped(said(9, "reason")?),
    };
    Ok(TaskFile {
        kind: file_kind(row.try_get(0)?)?,
        number: row.try_get(1)?,
        vendor_id: said(2, "id of a file")?,
        name: said(3, "name of a file")?,
        content_type: text(row, 4)?,
        at: time(row.try_get(5)?)?,
        fate,
    })
}

/// Reads a content from its path, size and checksum, which begin at column `first`.
fn content(row: &SqliteRow, first: usize) -> Result<Content, StoreError> {
    let sha256: &[u8] = row.try_get(first + 2)?;
    Ok(Content {
        path: row.try_get::<&str, _>(first)?.into(),
        size: count(row.try_get(first + 1)?)?,
        sha256: sha256.try_into().map_err(|_length| torn("checksum"))?,
    })
}

/// Text of strangers, which is stored as bytes.
fn bytes(text: Box<str>) -> Vec<u8> {
    String::from(text).into_bytes()
}
