//! How sinks stand, changed between two turns.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::SqliteConnection;
use sqlx::SqliteExecutor;
use tokio::sync::watch;

use super::SqliteStore;
use super::codes::micros;
use super::codes::time;
use super::codes::torn;
use super::writer::Writer;
use crate::name::SinkName;
use crate::store::OpenBreaker;
use crate::store::SinkBook;
use crate::store::Standing;
use crate::store::Standings;
use crate::store::StoreError;

/// How many put-off deliveries are looked at when a breaker closes. What a breaker let fail is far
/// less, and the rest is tried in its own time.
const HASTENED: i64 = 1_000;

/// How sinks stand, by the database.
pub(super) async fn read(connection: impl SqliteExecutor<'_>) -> Result<Standings, StoreError> {
    type Row = (String, Option<i64>, Option<i64>, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "select name, paused_at, opened_at, probe_at from sink
          where paused_at is not null or opened_at is not null",
    )
    .fetch_all(connection)
    .await?;
    let standing = |(name, paused_at, opened_at, probe_at): Row| {
        let open = match (opened_at, probe_at) {
            (Some(since), Some(probe_at)) => Some(OpenBreaker {
                since: time(since)?,
                probe_at: time(probe_at)?,
            }),
            _ => None,
        };
        let paused_at = paused_at.map(time).transpose()?;
        let name = name.parse().map_err(|_spelling| torn("sink"))?;
        Ok((name, Standing { paused_at, open }))
    };
    rows.into_iter().map(standing).collect()
}

#[async_trait]
impl SinkBook for SqliteStore {
    fn standings(&self) -> watch::Receiver<Arc<Standings>> {
        self.standings.subscribe()
    }

    async fn pause(&self, sink: &SinkName, now: Timestamp) -> Result<bool, StoreError> {
        let paused = |standing: Standing| Standing {
            paused_at: standing.paused_at.or(Some(now)),
            ..standing
        };
        self.change_standing(sink, now, paused).await
    }

    async fn resume(&self, sink: &SinkName, now: Timestamp) -> Result<bool, StoreError> {
        let resumed = |standing: Standing| Standing {
            paused_at: None,
            ..standing
        };
        self.change_standing(sink, now, resumed).await
    }

    async fn note_breaker(
        &self,
        sink: &SinkName,
        open: Option<OpenBreaker>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let noted = |standing: Standing| Standing { open, ..standing };
        self.change_standing(sink, now, noted).await?;
        // Something may be due that was put off.
        self.committer.ring();
        Ok(())
    }
}

impl SqliteStore {
    async fn change_standing(
        &self,
        sink: &SinkName,
        now: Timestamp,
        change: impl FnOnce(Standing) -> Standing + Send,
    ) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let Some(number) = writer.sink(sink) else {
            return Ok(false);
        };
        // Whoever has the writer is alone, so nobody else changes them meanwhile.
        let mut standings = read(&mut writer.connection).await?;
        let before = standings.remove(sink).unwrap_or_default();
        let after = change(before);
        if after != before {
            write(&mut writer, number, before, after, now).await?;
        }
        if after != Standing::default() {
            standings.insert(sink.clone(), after);
        }
        self.standings.send_replace(Arc::new(standings));
        Ok(true)
    }

    /// Tells of changes whose maker was cut off before it could, or that another process made.
    pub(super) async fn refresh_standings(&self) -> Result<(), StoreError> {
        let standings = read(&self.readers).await?;
        self.standings.send_if_modified(|told| {
            let news = **told != standings;
            if news {
                *told = Arc::new(standings);
            }
            news
        });
        Ok(())
    }
}

async fn write(
    writer: &mut Writer,
    sink: i64,
    before: Standing,
    after: Standing,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut transaction = writer.connection.begin_with("begin immediate").await?;
    sqlx::query(
        "update sink
            set paused_at = n.paused_at, opened_at = n.opened_at, probe_at = n.probe_at,
                stood_still = stood_still
                            + iif(n.is_still, 0, coalesce(max(n.now - still_since, 0), 0)),
                still_since = iif(n.is_still, coalesce(still_since, n.now), null)
           from (select ? as paused_at, ? as opened_at, ? as probe_at, ? as is_still, ? as now) n
          where sink.id = ?",
    )
    .bind(after.paused_at.map(micros))
    .bind(after.open.map(|open| micros(open.since)))
    .bind(after.open.map(|open| micros(open.probe_at)))
    .bind(after.is_still())
    .bind(micros(now))
    .bind(sink)
    .execute(&mut *transaction)
    .await?;
    if before.open.is_some() && after.open.is_none() {
        hasten(&mut transaction, sink, now).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Makes due what was put off after a failure. The sink takes again, so nothing has to wait out the
/// time that was meant to spare it.
async fn hasten(
    connection: &mut SqliteConnection,
    sink: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update delivery set due_at = ?
          where id in (select id
                         from (select id, state, attempts from delivery indexed by delivery_due
                                where sink = ? and due_at > ? order by due_at, id limit ? + 0)
                        where state = 0 and attempts > 0)",
    )
    .bind(micros(now))
    .bind(sink)
    .bind(micros(now))
    .bind(HASTENED)
    .execute(connection)
    .await?;
    Ok(())
}
