//! What happens when the disk, the file or another process is against us.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::Executor as _;
use sqlx::SqlSafeStr as _;
use sqlx::SqliteConnection;
use sqlx::migrate::Migration;
use sqlx::migrate::MigrationType;

use super::SqliteStore;
use super::migrate;
use crate::store::EventLog as _;
use crate::store::OpenError;
use crate::store::OpenOptions;
use crate::store::Store as _;
use crate::store::StoreError;
use crate::store::conformance::stage::about;
use crate::store::open;
use crate::task::TaskState;

fn options(file: &Path) -> OpenOptions {
    OpenOptions::new(format!("sqlite:{}", file.display()))
}

async fn refused(file: &Path) -> OpenError {
    open(options(file)).await.map(drop).unwrap_err()
}

/// A database that was used and closed.
async fn used(folder: &Path) -> PathBuf {
    let file = folder.join("tidings.db");
    let store = open(options(&file)).await.unwrap();
    for n in 1..=200 {
        store.append(about("t", n, &[])).await.unwrap();
    }
    store.close().await.unwrap();
    file
}

#[tokio::test]
async fn a_second_process_is_told_who_holds_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let first = open(options(&file)).await.unwrap();
    // The lock is on the open file, so within one process it works as between two.
    let error = refused(&file).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    assert!(error.to_string().contains("tidings.db.lock"), "{error}");

    first.close().await.unwrap();
    open(options(&file)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let garbage = b"To whom it may concern: this is a letter.\n".repeat(400);
    fs::write(&file, &garbage).unwrap();

    let error = refused(&file).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_eq!(fs::read(&file).unwrap(), garbage);
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = used(folder.path()).await;
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();

    let error = refused(&file).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other
        .execute("create table recipes (name text)")
        .await
        .unwrap();
    other.close().await.unwrap();

    let error = refused(&file).await;
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_missing_or_unwritable_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not/there");
    let error = refused(&missing.join("tidings.db")).await;
    assert!(matches!(error, OpenError::NoFolder { .. }), "{error:?}");
    assert!(error.to_string().contains("not/there"), "{error}");

    // Nobody may make a file here, not even root, whom no mode keeps out.
    #[cfg(target_os = "linux")]
    {
        let error = refused(Path::new("/sys/tidings.db")).await;
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn only_a_path_is_a_store() {
    for url in ["sqlite::memory:", "sqlite:", "mysql://x/y", "tidings.db"] {
        let error = open(OpenOptions::new(url)).await.map(drop).unwrap_err();
        assert!(matches!(error, OpenError::Url { .. }), "{url}: {error:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let store = open(options(&file)).await.unwrap();
    store.append(about("t", 1, &[])).await.unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
    }
}

#[tokio::test]
async fn while_another_program_locks_the_database_nothing_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let store = open(options(&file)).await.unwrap();
    let url = format!("sqlite:{}", file.display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("begin immediate").await.unwrap();

    let append = about("t", 1, &[]);
    let refused = store.append(append.clone()).await;
    assert!(matches!(refused, Err(StoreError::Locked(_))), "{refused:?}");

    other.execute("rollback").await.unwrap();
    assert!(store.event(append.event.id).await.unwrap().is_none());
    let appended = store.append(append).await.unwrap();
    assert!(!appended.is_known());
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_and_with_room_again_all_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let store = Arc::new(SqliteStore::open(&options(&file)).await.unwrap());
    // SQLite's own limit gives the same error as a disk without room.
    let set_limit = async |sql: &'static str| {
        let mut writer = store.writer().await.unwrap();
        writer.connection.execute(sql).await.unwrap();
    };
    set_limit("pragma max_page_count = 100").await;

    let mut kept = Vec::new();
    let refused = loop {
        let append = about("t", i64::try_from(kept.len()).unwrap(), &[]);
        match store.append(append.clone()).await {
            Ok(_) => kept.push(append.event.id),
            Err(error) => break (append, error),
        }
    };
    assert!(matches!(refused.1, StoreError::Full(_)), "{refused:?}");
    assert!(kept.len() > 10);
    for id in &kept {
        assert!(store.event(*id).await.unwrap().is_some());
    }
    assert!(store.event(refused.0.event.id).await.unwrap().is_none());
    // What is known needs no room.
    let known = about("t", 0, &[]);
    assert!(store.append(known).await.unwrap().is_known());

    set_limit("pragma max_page_count = 1000000").await;
    assert!(!store.append(refused.0).await.unwrap().is_known());
    store.close().await.unwrap();
}

fn with_one_more(sql: &'static str) -> Vec<Migration> {
    let mut migrations = migrate::migrations();
    migrations.push(Migration::new(
        99,
        "one more".into(),
        MigrationType::Simple,
        sql.into_sql_str(),
        false,
    ));
    migrations
}

#[tokio::test]
async fn an_older_database_is_copied_before_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = used(folder.path()).await;
    let url = format!("sqlite:{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let migrations = with_one_more("alter table event add column more integer");
    migrate::migrate(&mut connection, &file, migrations)
        .await
        .unwrap();
    connection.close().await.unwrap();

    // The file is now newer than this program, which says so. The copy is as it was.
    let error = refused(&file).await;
    assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    assert!(
        error.to_string().contains(env!("CARGO_PKG_VERSION")),
        "{error}"
    );
    let present = migrate::migrations().pop().unwrap().version;
    let next = present + 1;
    let copy = folder
        .path()
        .join(format!("tidings.db.before-migration-{next}"));
    let store = open(options(&copy)).await.unwrap();
    assert!(
        store
            .event(about("t", 200, &[]).event.id)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_database_of_the_first_form_comes_to_know_its_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let first = migrate::migrations().drain(..1).collect();
    migrate::migrate(&mut connection, &file, first)
        .await
        .unwrap();
    let sample = include_str!("../../../tests/data/sqlite/0001_events_and_deliveries.sql");
    connection.execute(sample).await.unwrap();
    connection.close().await.unwrap();

    let store = open(options(&file)).await.unwrap();
    while !store.follow(1).await.unwrap().caught_up {}
    let task = store.task("s").await.unwrap().unwrap();
    assert_eq!(task.projection.state(), Some(TaskState::Finished));
    assert_eq!(task.observations, 2);
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = used(folder.path()).await;
    let url = format!("sqlite:{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let migrations = with_one_more("create table half (a); create table half (a)");
    let failed = migrate::migrate(&mut connection, &file, migrations).await;
    assert!(matches!(failed, Err(OpenError::Other { .. })), "{failed:?}");
    connection.close().await.unwrap();

    let store = open(options(&file)).await.unwrap();
    assert!(
        store
            .event(about("t", 200, &[]).event.id)
            .await
            .unwrap()
            .is_some()
    );
}
