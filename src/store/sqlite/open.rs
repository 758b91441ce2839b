//! Opening the file.

use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteAutoVacuum;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;
use tokio::sync::Mutex;
use tokio::sync::watch;

use super::SqliteStore;
use super::lock::FileLock;
use super::lock::private_file;
use super::lock::refusal;
use super::migrate;
use super::migrate::trouble;
use super::standings;
use super::turn::TurnWriter;
use super::writer::Writer;
use crate::store::OpenError;
use crate::store::OpenOptions;
use crate::store::committer::Committer;
use crate::store::recent::Recent;
use crate::store::sightings::Sightings;

/// How long a statement waits for a lock that another program holds. Longer, and the sender would
/// hear nothing where a 503 would have it come again.
pub(super) const BUSY: Duration = Duration::from_secs(2);

impl SqliteStore {
    /// Opens the database that `options` name, and makes it if need be.
    pub(crate) async fn open(options: &OpenOptions) -> Result<Self, OpenError> {
        let (base, file) = named(&options.url)?;
        let lock = FileLock::take(&file)?;
        private_file(&file).map_err(|error| refusal(&file, &file, error))?;

        let writing = writing(base.clone());
        let mut connection = SqliteConnection::connect_with(&writing)
            .await
            .map_err(|error| trouble(&file, error))?;
        migrate::migrate(&mut connection, &file, migrate::migrations()).await?;
        let readers = readers(base, options.readers)
            .await
            .map_err(|error| trouble(&file, error))?;
        let writer = Writer::take_over(connection, readers.clone())
            .await
            .map_err(|error| OpenError::from_store(file.clone(), error))?;

        let standings = standings::read(&readers)
            .await
            .map_err(|error| OpenError::from_store(file.clone(), error))?;

        let newest = writer.newest;
        let unindexed = writer.unindexed.clone();
        let writer = Arc::new(Mutex::new(Some(writer)));
        let sightings = Sightings::default();
        let recent = Recent::new(newest);
        let backend = TurnWriter {
            writer: Arc::clone(&writer),
            recent: recent.clone(),
        };
        let committer = Committer::start(backend, newest, options.queue, sightings.clone());
        Ok(Self {
            committer,
            sightings,
            recent,
            unindexed,
            standings: watch::Sender::new(Arc::new(standings)),
            writer,
            readers,
            observing: Mutex::new(false),
            lock: Mutex::new(Some(lock)),
        })
    }
}

/// How to open the database with this URL, and the file it is in.
pub(super) fn named(url: &str) -> Result<(SqliteConnectOptions, PathBuf), OpenError> {
    let none = || OpenError::Url {
        url: url.to_owned(),
    };
    let base = SqliteConnectOptions::from_str(url).map_err(|_unreadable| none())?;
    let file = base.get_filename().to_owned();
    // What lives in memory survives nothing.
    if url.contains(":memory:") || url.contains("mode=memory") || file == Path::new("") {
        return Err(none());
    }
    Ok((base, file))
}

fn writing(base: SqliteConnectOptions) -> SqliteConnectOptions {
    base.auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        // The commit survives power loss. NORMAL would sync only now and then.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // The turn's rows stand in a temporary table; they need no file.
        .pragma("temp_store", "memory")
        // The planner knows nothing of how small that table is, and would rather build an index
        // over everything than look up a few rows by their number.
        .pragma("automatic_index", "off")
        .pragma("journal_size_limit", "16777216")
        // A turn's text is prepared once for each size it comes in; those it mostly comes in fit.
        .statement_cache_capacity(64)
        .disable_statement_logging()
}

async fn readers(base: SqliteConnectOptions, count: u32) -> Result<SqlitePool, sqlx::Error> {
    let reading = base
        .read_only(true)
        .busy_timeout(BUSY)
        // With a short buffer, reader and SQLite's thread wait for each other at nearly every row.
        .row_buffer_size(512)
        .disable_statement_logging();
    SqlitePoolOptions::new()
        .max_connections(count.max(1))
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(reading)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_is_compiled_as_the_configuration_of_cargo_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidings.db");
        let options = OpenOptions::new(format!("sqlite:{}", file.display()));
        let store = SqliteStore::open(&options).await.unwrap();
        let compiled: Vec<String> = sqlx::query_scalar("pragma compile_options")
            .fetch_all(&store.readers)
            .await
            .unwrap();
        // What it does not list, like `HAVE_FDATASYNC`, stands in the same variable.
        assert!(
            compiled
                .iter()
                .any(|option| option == "DEFAULT_MEMSTATUS=0")
        );
    }
}
