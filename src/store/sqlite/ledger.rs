//! Notes made by whoever looks for missed news, between two turns.

use async_trait::async_trait;
use jiff::Timestamp;

use super::SqliteStore;
use super::codes::micros;
use super::codes::time;
use super::tokens;
use crate::store::Ledger;
use crate::store::Registered;
use crate::store::StoreError;
use crate::task::Milestone;

#[async_trait]
impl Ledger for SqliteStore {
    async fn register(&self, seen: &[Registered]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let rows: Vec<_> = seen
            .iter()
            .map(|seen| {
                let task = tokens::task_hash(seen.key.kind, &seen.key.id);
                writer.told.insert(&task);
                (
                    hex::encode(task),
                    i64::from(seen.milestone != Milestone::Start),
                    micros(seen.at),
                    i64::from(seen.milestone == Milestone::End),
                )
            })
            .collect();
        sqlx::query(
            "insert into told (task, turn, what, at, is_final)
             select unhex(value->>0), 1, value->>1, value->>2, value->>3
               from json_each(?) where true
                 on conflict (account, task, turn, what) do nothing",
        )
        .bind(serde_json::json!(rows).to_string())
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }

    async fn last_look(&self, place: &str) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> = sqlx::query_scalar("select began_at from look where place = ?")
            .bind(place)
            .fetch_optional(&self.readers)
            .await?;
        at.map(time).transpose()
    }

    async fn looked(&self, place: &str, began: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "insert into look (place, began_at) values (?, ?)
                 on conflict (place) do update
                set began_at = max(began_at, excluded.began_at)",
        )
        .bind(place)
        .bind(micros(began))
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }
}
