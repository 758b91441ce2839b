//! What only a look into the file can show.

use sqlx::AssertSqlSafe;
use sqlx::Executor as _;
use sqlx::Row as _;

use super::listing::Source;
use super::listing::candidates;
use crate::store::EventLog as _;
use crate::store::Order;
use crate::store::Rebuild;
use crate::store::Slice;
use crate::store::TaskBook as _;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::cut_off;
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::script::Values;
use crate::store::sqlite::tests;

/// A store that follows 60 events about 20 tasks.
async fn store(folder: &tempfile::TempDir) -> SqliteStore {
    let store = tests::store(folder).await;
    for n in 1..=60 {
        let event = about(&format!("t{}", n % 20), n, &[]);
        store.append(event).await.unwrap();
    }
    while !store.follow(7).await.unwrap().caught_up {}
    store
}

async fn run(store: &SqliteStore, sql: &str) {
    let mut writer = store.writer().await.unwrap();
    let sql = AssertSqlSafe(sql.to_owned());
    writer.connection.execute(sql).await.unwrap();
}

async fn tasks(store: &SqliteStore) -> Vec<TaskRecord> {
    let slice = Slice {
        order: Order::Ascending,
        after: None,
        limit: 100,
    };
    let page = store.tasks(&TaskFilter::default(), slice).await;
    page.unwrap().items
}

async fn rebuild(store: &SqliteStore) -> Rebuild {
    let mut so_far = Rebuild::default();
    while !so_far.is_done {
        so_far = store.rebuild(so_far, 3).await.unwrap();
        assert!(so_far.events_read <= so_far.events && so_far.tasks_folded <= so_far.tasks);
    }
    so_far
}

#[tokio::test]
async fn a_task_that_was_changed_by_hand_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let before = tasks(&store).await;
    let wrong = "update task
                    set word = x'00', session_id = x'7a7a7a7a7a', observations = 9, started_at = 5
                  where id in (2, 20)";
    run(&store, wrong).await;
    assert_ne!(tasks(&store).await, before);

    let rebuilt = rebuild(&store).await;
    assert_eq!((rebuilt.added, rebuilt.mended), (0, 2));
    assert_eq!(tasks(&store).await, before);
    assert_eq!(rebuild(&store).await.mended, 0);
}

#[tokio::test]
async fn observations_that_are_missing_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let before = tasks(&store).await;
    run(&store, "delete from observation; delete from task").await;
    assert!(store.task("t1").await.unwrap().is_none());

    let rebuilt = rebuild(&store).await;
    assert_eq!((rebuilt.added, rebuilt.mended), (60, 0));
    assert_eq!(tasks(&store).await, before);
    assert!(store.task("s_t1").await.unwrap().is_some());
    assert!(store.follow(9).await.unwrap().heard_of.is_empty());
}

#[tokio::test]
async fn what_events_said_that_are_gone_is_still_known() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let before = tasks(&store).await;
    run(&store, "delete from event where seq <= 30").await;

    assert_eq!(rebuild(&store).await.mended, 0);
    assert_eq!(tasks(&store).await, before);
}

#[tokio::test]
async fn whatever_becomes_of_a_step_others_commits_wait_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for polls in 0..40 {
        let event = about("t1", 100 + polls, &[]);
        store.append(event).await.unwrap();
        cut_off(store.follow(9), usize::try_from(polls).unwrap()).await;
        let mut writer = store.writer().await.unwrap();
        let full = writer.connection.fetch_one("pragma synchronous").await;
        assert_eq!(full.unwrap().get::<i64, _>(0), 2, "cut off after {polls}");
    }
}

#[tokio::test]
async fn tasks_are_listed_from_an_index_and_not_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let slice = Slice {
        order: Order::Descending,
        after: Some(9),
        limit: 5,
    };
    let sources = [
        (Source::Word("started"), "task_by_word (word=? AND rowid<?)"),
        (Source::Tokens("s0"), "task_token VIRTUAL TABLE INDEX"),
        (Source::Everything, "INTEGER PRIMARY KEY (rowid<?)"),
    ];
    for (source, found_by) in sources {
        let sql = candidates(&mut Values::default(), &source, slice);
        let explain = AssertSqlSafe(format!("explain query plan {sql}"));
        let mut writer = store.writer().await.unwrap();
        let rows = writer.connection.fetch_all(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(plan.len() == 1 && plan[0].contains(found_by), "{plan:?}");
    }
}
