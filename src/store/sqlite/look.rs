//! Looking into the file without changing it.

use std::path::PathBuf;

use sqlx::ConnectOptions as _;
use sqlx::Connection as _;

use super::endpoints;
use super::lock::FileLock;
use super::migrate;
use super::migrate::trouble;
use super::open::BUSY;
use super::open::named;
use crate::store::Look;
use crate::store::OpenError;

/// The file of the database with this URL.
pub(in crate::store) fn file(url: &str) -> Result<PathBuf, OpenError> {
    named(url).map(|(_, file)| file)
}

/// What stands in the database with this URL. It is locked for as long as that takes.
pub(in crate::store) async fn look(url: &str) -> Result<Option<Look>, OpenError> {
    let (base, file) = named(url)?;
    if !file.exists() {
        return Ok(None);
    }
    let _held = FileLock::take(&file)?;
    let opening = base
        .read_only(true)
        .busy_timeout(BUSY)
        .disable_statement_logging();
    let mut connection = opening
        .connect()
        .await
        .map_err(|error| trouble(&file, error))?;

    let mut look = Look {
        is_older: migrate::is_due(&mut connection, &file).await?,
        ..Look::default()
    };
    // Of an earlier form, only the migrations know what its columns meant.
    if !look.is_older {
        let unread = |error| OpenError::from_store(file.clone(), error);
        look.secrets = endpoints::secrets(&mut connection).await.map_err(unread)?;
        look.pings = endpoints::pings(&mut connection).await.map_err(unread)?;
    }
    let closed = connection.close().await;
    closed.map_err(|error| trouble(&file, error))?;
    Ok(Some(look))
}
