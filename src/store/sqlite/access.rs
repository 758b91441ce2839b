//! What opens the API: tokens, and the key that links are signed with.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::codes::from_scope;
use super::codes::scope;
use super::codes::time;
use crate::access::NewToken;
use crate::access::Token;
use crate::access::TokenHash;
use crate::access::TokenId;
use crate::secret::Secret;
use crate::store::Access;
use crate::store::StoreError;

#[async_trait]
impl Access for SqliteStore {
    async fn create_token(&self, token: NewToken) -> Result<Token, StoreError> {
        let mut writer = self.writer().await?;
        let row = sqlx::query(
            "insert into token (hash, scope, name, created_at, expires_at)
             values (?, ?, ?, ?, ?) returning *",
        )
        .bind(token.hash.0.to_vec())
        .bind(from_scope(token.scope))
        .bind(token.name.map(String::into_bytes))
        .bind(token.created_at.as_microsecond())
        .bind(token.expires_at.map(Timestamp::as_microsecond))
        .fetch_one(&mut writer.connection)
        .await?;
        read(&row)
    }

    async fn token(&self, hash: TokenHash) -> Result<Option<Token>, StoreError> {
        let row = sqlx::query("select * from token where hash = ?")
            .bind(hash.0.to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read).transpose()
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let rows = sqlx::query("select * from token order by id desc")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    async fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        let created_at: Option<i64> =
            sqlx::query_scalar("select created_at from token where id = ?")
                .bind(id.row())
                .fetch_optional(&mut writer.connection)
                .await?;
        let Some(created_at) = created_at else {
            return Ok(false);
        };
        if !id.was_made_at(time(created_at)?) {
            return Ok(false);
        }
        // The first time counts: who takes a token back twice does not make it live longer.
        sqlx::query("update token set revoked_at = coalesce(revoked_at, ?) where id = ?")
            .bind(now.as_microsecond())
            .bind(id.row())
            .execute(&mut writer.connection)
            .await?;
        Ok(true)
    }

    async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query("update token set last_used_at = ? where id = ?")
            .bind(now.as_microsecond())
            .bind(id.row())
            .execute(&mut writer.connection)
            .await?;
        Ok(())
    }

    async fn link_key(&self, fresh: &Secret) -> Result<Secret, StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query("insert into link_key (id, secret) values (1, ?) on conflict do nothing")
            .bind(fresh.expose())
            .execute(&mut writer.connection)
            .await?;
        let kept: String = sqlx::query_scalar("select secret from link_key")
            .fetch_one(&mut writer.connection)
            .await?;
        Ok(kept.into())
    }
}

fn read(row: &SqliteRow) -> Result<Token, StoreError> {
    let at = |column: &str| -> Result<Option<Timestamp>, StoreError> {
        row.try_get::<Option<i64>, _>(column)?.map(time).transpose()
    };
    let created_at = time(row.try_get("created_at")?)?;
    let name: Option<Vec<u8>> = row.try_get("name")?;
    Ok(Token {
        id: TokenId::new(created_at, row.try_get("id")?),
        scope: scope(row.try_get("scope")?)?,
        name: name.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        created_at,
        expires_at: at("expires_at")?,
        revoked_at: at("revoked_at")?,
        last_used_at: at("last_used_at")?,
    })
}
