//! Requests that were refused.

use async_trait::async_trait;
use sqlx::AssertSqlSafe;
use sqlx::Connection as _;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::codes::count;
use super::codes::time;
use super::codes::torn;
use super::listing::direction;
use super::listing::one_more;
use crate::rejection::Cause;
use crate::rejection::NewRejection;
use crate::rejection::Rejection;
use crate::rejection::RejectionId;
use crate::store::Order;
use crate::store::Page;
use crate::store::Rejections;
use crate::store::Slice;
use crate::store::StoreError;

#[async_trait]
impl Rejections for SqliteStore {
    async fn record(&self, rejections: Vec<NewRejection>, keep: usize) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut transaction = writer.connection.begin_with("begin immediate").await?;
        for new in rejections {
            sqlx::query(
                "insert into rejection
                    (at, endpoint, cause, diagnosis, remote, headers, body_size, body_sha256)
                 values (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(new.at.as_microsecond())
            .bind(new.endpoint.as_str())
            .bind(new.cause.as_str())
            .bind(new.diagnosis)
            .bind(new.remote.map(|remote| remote.to_string()))
            .bind(serde_json::json!(new.headers).to_string().into_bytes())
            .bind(i64::try_from(new.body_size).unwrap_or(i64::MAX))
            .bind(new.body_sha256.map(|hash| hash.to_vec()))
            .execute(&mut *transaction)
            .await?;
        }
        // Numbers have no gaps but at the old end, so this leaves `keep`; and never the newest
        // goes, or its number would be given again.
        sqlx::query("delete from rejection where id <= (select max(id) from rejection) - ?")
            .bind(i64::try_from(keep).unwrap_or(i64::MAX).max(1))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn rejection(&self, id: RejectionId) -> Result<Option<Rejection>, StoreError> {
        let row = sqlx::query("select * from rejection where id = ?")
            .bind(id.row())
            .fetch_optional(&self.readers)
            .await?;
        let rejection = row.as_ref().map(read).transpose()?;
        Ok(rejection.filter(|rejection| id.was_made_at(rejection.request.at)))
    }

    async fn rejections(&self, slice: Slice) -> Result<Page<Rejection>, StoreError> {
        let (beyond, start) = match slice.order {
            Order::Descending => ("<", i64::MAX),
            Order::Ascending => (">", 0),
        };
        let sql = format!(
            "select * from rejection where id {beyond} ? order by id {} limit ? + 0",
            direction(slice.order)
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(slice.after.unwrap_or(start))
            .bind(one_more(slice.limit))
            .fetch_all(&self.readers)
            .await?;
        let mut items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let more = items.len() > slice.limit;
        items.truncate(slice.limit);
        let last = items.last().map(|rejection| rejection.id.row());
        Ok(Page {
            next: last.filter(|_| more),
            items,
        })
    }
}

fn read(row: &SqliteRow) -> Result<Rejection, StoreError> {
    let at = time(row.try_get("at")?)?;
    let cause: &str = row.try_get("cause")?;
    let remote: Option<&str> = row.try_get("remote")?;
    let hash: Option<&[u8]> = row.try_get("body_sha256")?;
    Ok(Rejection {
        id: RejectionId::new(at, row.try_get("id")?),
        request: NewRejection {
            at,
            endpoint: row
                .try_get::<String, _>("endpoint")?
                .try_into()
                .map_err(|_spelling| torn("endpoint"))?,
            cause: Cause::ALL
                .into_iter()
                .find(|known| known.as_str() == cause)
                .ok_or_else(|| torn("cause"))?,
            diagnosis: row.try_get("diagnosis")?,
            remote: remote.and_then(|remote| remote.parse().ok()),
            headers: serde_json::from_slice(row.try_get("headers")?)
                .map_err(|_json| torn("list of headers"))?,
            body_size: count(row.try_get("body_size")?)?,
            body_sha256: hash.and_then(|hash| hash.try_into().ok()),
        },
    })
}
