//! What is known of endpoints beyond their configuration.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqliteExecutor;

use super::SqliteStore;
use super::codes::time;
use crate::name::EndpointName;
use crate::secret::NamedSecret;
use crate::secret::Secret;
use crate::store::Endpoints;
use crate::store::StoreError;

#[async_trait]
impl Endpoints for SqliteStore {
    async fn secrets(&self) -> Result<Vec<(EndpointName, NamedSecret)>, StoreError> {
        secrets(&self.readers).await
    }

    async fn set_secret(
        &self,
        endpoint: &EndpointName,
        secret: &NamedSecret,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "insert into webhook_secret (endpoint, name, secret, set_at) values (?, ?, ?, ?)
                 on conflict (endpoint, name) do update
                set secret = excluded.secret, set_at = excluded.set_at",
        )
        .bind(endpoint.as_str())
        .bind(secret.name.as_ref())
        .bind(secret.secret.expose())
        .bind(now.as_microsecond())
        .execute(&mut writer.connection)
        .await?;
        Ok(())
    }

    async fn record_ping(&self, endpoint: &EndpointName, at: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let endpoint = writer.endpoint(endpoint).await?;
        sqlx::query("update endpoint set last_ping_at = ? where id = ?")
            .bind(at.as_microsecond())
            .bind(endpoint)
            .execute(&mut writer.connection)
            .await?;
        Ok(())
    }

    async fn pings(&self) -> Result<Vec<(EndpointName, Timestamp)>, StoreError> {
        pings(&self.readers).await
    }
}

/// The secrets given to endpoints, the newest of each first.
pub(super) async fn secrets(
    executor: impl SqliteExecutor<'_>,
) -> Result<Vec<(EndpointName, NamedSecret)>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "select endpoint, name, secret from webhook_secret order by endpoint, set_at desc, name",
    )
    .fetch_all(executor)
    .await?;
    // Names are checked before they are stored, so none is lost here.
    Ok(rows
        .into_iter()
        .filter_map(|(endpoint, name, secret)| {
            let secret = NamedSecret {
                name: name.into(),
                secret: Secret::from(secret),
            };
            Some((endpoint.parse().ok()?, secret))
        })
        .collect())
}

/// When the last test ping came, by endpoint.
pub(super) async fn pings(
    executor: impl SqliteExecutor<'_>,
) -> Result<Vec<(EndpointName, Timestamp)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select name, last_ping_at from endpoint where last_ping_at is not null order by name",
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .filter_map(|(name, at)| Some((name.parse().ok()?, at)))
        .map(|(name, at)| Ok((name, time(at)?)))
        .collect()
}
