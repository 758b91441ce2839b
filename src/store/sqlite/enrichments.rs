//! What is looked up before an event is sent, between two turns; and the parts of other statements
//! that have to do with it.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::Connection as _;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::append::Numbered;
use super::codes::micros;
use super::codes::text;
use super::codes::time;
use super::codes::torn;
use super::script::Script;
use crate::event::Seq;
use crate::store::Enrichments;
use crate::store::OpenEnrichment;
use crate::store::SentWith;
use crate::store::StoreError;
use crate::task::Enrichment;

/// When a delivery is due that nothing else keeps from it: now, unless it waits for what is looked
/// up. Part of an update of `delivery`.
macro_rules! due {
    ($now:literal) => {
        concat!(
            " max(",
            $now,
            ", coalesce(case when delivery.enriched
                             then (select n.until from enrichment n
                                    where n.event = delivery.event and n.decided_at is null) end,
                        0)) "
        )
    };
}

pub(super) use due;

/// What is sent with a decided event of which nobody ever answered anything.
const NO_ANSWER: &str = "nobody had told of the task in time";

/// When each of these events goes out without the task; of those that nobody wants it with, none.
pub(super) fn bounds(events: &[Numbered<'_>]) -> Vec<(Seq, i64)> {
    let of_one = |event: &Numbered<'_>| {
        let within = event.append.owed.iter().filter_map(|owed| owed.enrich);
        Some((
            event.seq,
            bound(event.append.event.received_at, within.max()?),
        ))
    };
    events.iter().filter_map(of_one).collect()
}

/// So long after a time.
pub(super) fn bound(from: Timestamp, within: SignedDuration) -> i64 {
    micros(from.saturating_add(within).unwrap_or(Timestamp::MAX))
}

/// Opens what is to be looked up for new events that owe something.
pub(super) fn open(script: &mut Script, bounds: &[(Seq, i64)]) {
    script.say(
        "insert into enrichment (event, until)
         select e.seq, j.value->>1
           from jsonb_each(?) j cross join event e on e.seq = j.value->>0
          where not exists (select 1 from echo x where x.event = e.seq);",
    );
    script.bind_list(&bounds);
}

/// Decides what has run out of time.
pub(super) fn close(script: &mut Script, now: Timestamp) {
    script.say(
        "update enrichment indexed by enrichment_open set decided_at = ?
          where decided_at is null and until <= ?;",
    );
    script.bind(micros(now));
    script.bind(micros(now));
}

impl SqliteStore {
    /// What is sent with these events.
    pub(super) async fn enrichments(
        &self,
        events: &[Seq],
    ) -> Result<HashMap<Seq, Enrichment>, StoreError> {
        let rows = sqlx::query(
            "select n.event, n.task, n.reason
               from json_each(?) j cross join enrichment n on n.event = j.value",
        )
        .bind(json!(events).to_string())
        .fetch_all(&self.readers)
        .await?;
        let read = |row: &SqliteRow| Ok((row.try_get(0)?, enrichment(row, 1)?));
        rows.iter().map(read).collect()
    }
}

/// What is sent, from the columns `task` and `reason`, which begin at `column`.
fn enrichment(row: &SqliteRow, column: usize) -> Result<Enrichment, StoreError> {
    Ok(match (text(row, column)?, text(row, column + 1)?) {
        (Some(task), _) => {
            let json = RawValue::from_string(task.into());
            Enrichment::known(json.map_err(|_no_json| torn("task"))?.into())
        }
        (None, reason) => Enrichment::unavailable(reason.as_deref().unwrap_or(NO_ANSWER)),
    })
}

#[async_trait]
impl Enrichments for SqliteStore {
    async fn open_enrichments(&self, limit: usize) -> Result<Vec<OpenEnrichment>, StoreError> {
        let rows = sqlx::query(
            "select event, until from enrichment indexed by enrichment_open
              where decided_at is null order by until limit ? + 0",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        let numbers = rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<Vec<Seq>, _>>()?;
        let events = self.events_by_number(&numbers).await?;
        let open = rows.iter().zip(numbers).filter_map(|(row, seq)| {
            let event = Arc::clone(events.get(&seq)?);
            Some((row, event))
        });
        open.map(|(row, event)| {
            let until = time(row.try_get(1)?)?;
            Ok(OpenEnrichment { event, until })
        })
        .collect()
    }

    async fn sent_with(&self, event: Seq) -> Result<Option<SentWith>, StoreError> {
        let row = sqlx::query(
            "select task, reason, decided_at is not null from enrichment where event = ?",
        )
        .bind(event)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(SentWith {
                enrichment: enrichment(&row, 0)?,
                is_decided: row.try_get(2)?,
            })
        })
        .transpose()
    }

    async fn note_enrichment(&self, event: Seq, so_far: Enrichment) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        // Whatever a power cut takes back is asked for again.
        writer.will_sync(false).await?;
        sqlx::query(
            "update enrichment set task = ?, reason = ? where event = ? and decided_at is null",
        )
        .bind(so_far.task.map(|task| task.get().as_bytes().to_vec()))
        .bind(so_far.task_unavailable.map(|why| why.as_bytes().to_vec()))
        .bind(event)
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }

    async fn decide_enrichment(
        &self,
        event: Seq,
        enrichment: Enrichment,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        // The claim of a delivery waits for the disk, and with it for this: what was sent stays.
        writer.will_sync(false).await?;
        let mut script = Script::default();
        script.say(
            "update enrichment set task = ?, reason = ?, decided_at = ?
              where event = ? and decided_at is null;",
        );
        script.bind(enrichment.task.map(|task| task.get().as_bytes().to_vec()));
        script.bind(
            enrichment
                .task_unavailable
                .map(|why| why.as_bytes().to_vec()),
        );
        script.bind(micros(now));
        script.bind(event);
        // One that was decided before is due already: this brings nothing forward that was tried.
        script.say(
            "update delivery indexed by delivery_by_event set due_at = ?
              where event = ? and enriched and state = 0 and attempts = 0 and due_at > ?;",
        );
        script.bind(micros(now));
        script.bind(event);
        script.bind(micros(now));
        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        script.run(&mut transaction).await?;
        transaction.commit().await?;
        drop(writer);
        self.committer.ring();
        Ok(())
    }

    async fn close_enrichments(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut script = Script::default();
        close(&mut script, now);
        let mut writer = self.writer().await?;
        writer.will_sync(false).await?;
        let done = script.run(&mut writer.connection).await?;
        drop(writer);
        if done.iter().any(|done| done.changes > 0) {
            self.committer.ring();
        }
        Ok(())
    }
}
