//! Brings a database to its present form. Forward only: a backup is the way back.

use std::borrow::Cow;
use std::path::Path;

use sqlx::Connection as _;
use sqlx::Executor as _;
use sqlx::SqlSafeStr as _;
use sqlx::SqliteConnection;
use sqlx::migrate::Migrate as _;
use sqlx::migrate::MigrateError;
use sqlx::migrate::Migration;
use sqlx::migrate::MigrationType;

use super::failure;
use super::lock::beside;
use super::lock::private_file;
use super::lock::refusal;
use crate::store::OpenError;
use crate::store::StoreError;

/// Stands in the header of every database of ours, so that we never write into somebody else's.
/// The letters `Tdng`.
const APPLICATION_ID: i32 = 0x5464_6e67;

/// Where sqlx notes the migrations that were run, under the name it uses everywhere.
const NOTES: &str = "_sqlx_migrations";

/// Every form the database has had, oldest first. A migration that was published is never changed.
pub(super) fn migrations() -> Vec<Migration> {
    let migration = |version, name: &'static str, sql: &'static str| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    };
    vec![
        migration(
            1,
            "events and deliveries",
            include_str!("../../../migrations/sqlite/0001_events_and_deliveries.sql"),
        ),
        migration(
            2,
            "tasks",
            include_str!("../../../migrations/sqlite/0002_tasks.sql"),
        ),
        migration(
            3,
            "task reports",
            include_str!("../../../migrations/sqlite/0003_task_reports.sql"),
        ),
        migration(
            4,
            "told",
            include_str!("../../../migrations/sqlite/0004_told.sql"),
        ),
        migration(
            5,
            "enrichments",
            include_str!("../../../migrations/sqlite/0005_enrichments.sql"),
        ),
        migration(
            6,
            "link key",
            include_str!("../../../migrations/sqlite/0006_link_key.sql"),
        ),
        migration(
            7,
            "standings",
            include_str!("../../../migrations/sqlite/0007_standings.sql"),
        ),
        migration(
            8,
            "replays",
            include_str!("../../../migrations/sqlite/0008_replays.sql"),
        ),
        migration(
            9,
            "merges",
            include_str!("../../../migrations/sqlite/0009_merges.sql"),
        ),
        migration(
            10,
            "captures",
            include_str!("../../../migrations/sqlite/0010_captures.sql"),
        ),
        migration(
            11,
            "filters",
            include_str!("../../../migrations/sqlite/0011_filters.sql"),
        ),
    ]
}

/// Brings the database on `connection` to the form that `migrations` end in.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    file: &Path,
    migrations: Vec<Migration>,
) -> Result<(), OpenError> {
    let wanted = migrations.last().map_or(0, |migration| migration.version);
    let present = version(connection, file).await?;
    if present == Some(wanted) {
        return Ok(());
    }
    if let Some(present) = present {
        if present > wanted {
            return Err(newer(connection, file).await);
        }
        back_up(connection, file, present).await?;
    }
    apply(connection, migrations, present.unwrap_or(0))
        .await
        .map_err(|error| OpenError::Other {
            file: file.to_owned(),
            cause: error.into(),
        })?;
    sign(connection).await.map_err(|error| trouble(file, error))
}

/// Whether a start would change the form of the database on `connection`.
pub(super) async fn is_due(
    connection: &mut SqliteConnection,
    file: &Path,
) -> Result<bool, OpenError> {
    let wanted = migrations().last().map(|migration| migration.version);
    let present = version(connection, file).await?;
    if present > wanted {
        return Err(newer(connection, file).await);
    }
    Ok(present != wanted)
}

/// Runs what comes after migration `present`, each in a transaction of its own that also notes it.
async fn apply(
    connection: &mut SqliteConnection,
    migrations: Vec<Migration>,
    present: i64,
) -> Result<(), MigrateError> {
    connection.ensure_migrations_table(NOTES).await?;
    let ahead = |migration: &Migration| migration.version > present;
    for migration in migrations.iter().filter(|migration| ahead(migration)) {
        connection.apply(NOTES, migration).await?;
    }
    Ok(())
}

/// The last migration that a database has seen; none if it is new.
async fn version(connection: &mut SqliteConnection, file: &Path) -> Result<Option<i64>, OpenError> {
    let tables = number(connection, file, "select count(*) from sqlite_schema").await?;
    if tables == 0 {
        return Ok(None);
    }
    if number(connection, file, "pragma application_id").await? != i64::from(APPLICATION_ID) {
        return Err(OpenError::Damaged {
            file: file.to_owned(),
            problem: "its tables are another program's".to_owned(),
        });
    }
    let version = "select coalesce(max(version), 0) from _sqlx_migrations";
    number(connection, file, version).await.map(Some)
}

async fn number(
    connection: &mut SqliteConnection,
    file: &Path,
    sql: &'static str,
) -> Result<i64, OpenError> {
    let number = sqlx::query_scalar(sql).fetch_one(connection).await;
    number.map_err(|error| trouble(file, error))
}

async fn newer(connection: &mut SqliteConnection, file: &Path) -> OpenError {
    let made_by = sqlx::query_scalar("select migrated_by from installation")
        .fetch_one(connection)
        .await;
    OpenError::Newer {
        file: file.to_owned(),
        made_by: made_by.unwrap_or_else(|_unreadable_in_its_new_form| "a later version".to_owned()),
    }
}

/// Copies the whole database beside itself, as it is before it changes.
async fn back_up(
    connection: &mut SqliteConnection,
    file: &Path,
    version: i64,
) -> Result<(), OpenError> {
    let backup = beside(file, &format!(".before-migration-{}", version + 1));
    tracing::info!(
        file.path = %backup.display(),
        "Keeping a copy of the database before bringing it to its new form"
    );
    // One that is left from a migration that failed is of the same version, and may be torn.
    let fresh = private_file(&backup).and_then(|made| made.set_len(0));
    fresh.map_err(|error| refusal(file, &backup, error))?;
    sqlx::query("vacuum into ?")
        .bind(backup.to_string_lossy().into_owned())
        .execute(connection)
        .await
        .map_err(|error| trouble(file, error))?;
    Ok(())
}

/// Marks the database as ours and says who brought it to this form.
async fn sign(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("insert into installation values (1, ?) on conflict do update set migrated_by = excluded.migrated_by")
        .bind(env!("CARGO_PKG_VERSION"))
        .execute(&mut *transaction)
        .await?;
    transaction
        // A pragma takes no values; this is the number above.
        .execute("pragma application_id = 0x54646e67")
        .await?;
    transaction.commit().await
}

/// What an error of SQLite means while opening.
pub(super) fn trouble(file: &Path, error: sqlx::Error) -> OpenError {
    match failure::code(&error) {
        Some(failure::CORRUPT | failure::NOT_A_DATABASE) => OpenError::Damaged {
            file: file.to_owned(),
            problem: error.to_string(),
        },
        _ => OpenError::from_store(file.to_owned(), StoreError::from(error)),
    }
}
