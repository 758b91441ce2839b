//! An event as a row.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use sqlx::Row as _;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::codes::DEAD;
use super::codes::DELIVERED;
use super::codes::DISCARDED;
use super::codes::count;
use super::codes::form;
use super::codes::origin;
use super::codes::time;
use super::codes::torn;
use super::facts;
use crate::event::DeliveryCounts;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Seq;
use crate::event::Signature;
use crate::store::StoreError;
use crate::store::sightings::Sightings;

/// What [`read`] wants, in its order, of the tables that [`joined!`] names.
macro_rules! columns {
    () => {
        "e.seq, e.id, e.origin, n.name, e.received_at, e.form, e.secret, e.header_timestamp,
         e.header_signature, e.signed_at, e.body, s.times, s.last_at, o.id"
    };
}

/// The tables of an event `e`, for behind its own place in a `from`.
macro_rules! joined {
    () => {
        " join endpoint n on n.id = e.endpoint left join sighting s on s.event = e.seq
          left join echo x on x.event = e.seq left join event o on o.seq = x.of "
    };
}

pub(super) use columns;
pub(super) use joined;

/// Reads an event from a row of [`columns!`].
pub(super) fn read(row: &SqliteRow, sightings: &Sightings) -> Result<Event, StoreError> {
    let seq = row.try_get(0)?;
    let received_at = time(row.try_get(4)?)?;
    let body: Vec<u8> = row.try_get(10)?;

    let mut times_received = 1;
    let mut last_received_at = received_at;
    if let (Some(times), Some(at)) = (row.try_get(11)?, row.try_get(12)?) {
        times_received += count::<u64>(times)?;
        last_received_at = last_received_at.max(time(at)?);
    }
    if let Some(sighting) = sightings.of(seq) {
        times_received += sighting.times;
        last_received_at = last_received_at.max(sighting.last_at);
    }
    Ok(Event {
        seq,
        id: id(row.try_get(1)?)?,
        origin: origin(row.try_get(2)?)?,
        endpoint: row
            .try_get::<String, _>(3)?
            .try_into()
            .map_err(|_spelling| torn("endpoint"))?,
        received_at,
        facts: facts::read(&body),
        body: Bytes::from(body),
        signature: signature(row)?,
        times_received,
        last_received_at,
        same_as: row.try_get::<Option<&[u8]>, _>(13)?.map(id).transpose()?,
    })
}

fn id(octets: &[u8]) -> Result<EventId, StoreError> {
    let octets = octets.try_into().map_err(|_length| torn("event id"))?;
    Ok(EventId::from_bytes(octets))
}

fn signature(row: &SqliteRow) -> Result<Option<Signature>, StoreError> {
    let Some(code) = row.try_get(5)? else {
        return Ok(None);
    };
    let verbatim = |column: usize| -> Result<Box<str>, StoreError> {
        Ok(String::from_utf8_lossy(row.try_get(column)?).into())
    };
    Ok(Some(Signature {
        form: form(code)?,
        secret: Arc::from(row.try_get::<&str, _>(6)?),
        timestamp: verbatim(7)?,
        value: verbatim(8)?,
        signed_at: time(row.try_get(9)?)?,
    }))
}

/// How the deliveries of some events stand.
pub(super) async fn counts(
    readers: &SqlitePool,
    events: impl Iterator<Item = Seq>,
) -> Result<HashMap<Seq, DeliveryCounts>, StoreError> {
    let events: Vec<Seq> = events.collect();
    let rows: Vec<(Seq, i64, i64)> = sqlx::query_as(
        "select d.event, d.state, count(*)
           from json_each(?) j
          cross join delivery d indexed by delivery_by_event on d.event = j.value
          group by 1, 2",
    )
    .bind(json!(events).to_string())
    .fetch_all(readers)
    .await?;

    let mut counts: HashMap<Seq, DeliveryCounts> = HashMap::new();
    for (event, state, number) in rows {
        let counts = counts.entry(event).or_default();
        let counted = match state {
            DELIVERED => &mut counts.delivered,
            DEAD => &mut counts.dead,
            DISCARDED => &mut counts.discarded,
            _ => &mut counts.pending,
        };
        *counted += count::<u64>(number)?;
    }
    Ok(counts)
}
