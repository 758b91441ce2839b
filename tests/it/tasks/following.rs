//! Following the log: the follower itself, behind a store that others have written to.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tempfile::TempDir;
use tidings::shutdown::Shutdown;
use tidings::store;
use tidings::store::Append;
use tidings::store::OpenOptions;
use tidings::store::Store;
use tidings::tasks::Follower;
use tidings::tasks::TaskNews;

use crate::harness::events::new_event;
use crate::harness::events::status_update;
use crate::harness::lock::Lock;
use crate::harness::log::Log;

/// More events than the follower reads in a few steps.
const BACKLOG: usize = 700;

/// A log that somebody has written to and nobody has followed.
struct Behind {
    store: Arc<dyn Store>,
    folder: TempDir,
}

impl Behind {
    /// A log with so many events, each about a task of its own: `task_0` and so on.
    async fn by(count: usize) -> Self {
        let folder = TempDir::new().expect("there is a place for temporary folders");
        let url = format!("sqlite:{}", folder.path().join("tidings.db").display());
        let store = store::open(OpenOptions::new(url)).await.expect("it opens");
        let behind = Self { store, folder };
        let hearing = (0..count).map(|n| behind.hears(format!("task_{n}")));
        try_join_all(hearing).await.expect("the store takes them");
        behind
    }

    /// One more event, about this task.
    async fn hears(&self, task: String) -> Result<(), store::StoreError> {
        let append = Append {
            event: new_event(&status_update(&task, 0), Timestamp::UNIX_EPOCH),
            owed: Vec::new(),
        };
        self.store.append(append).await.map(drop)
    }

    /// Follows it while a test goes on.
    async fn followed(&self, news: &TaskNews, test: impl Future<Output = ()>) {
        let stop = Shutdown::new();
        let following = Follower::new(&self.store, news.clone()).run(stop.clone());
        let test = async {
            test.await;
            stop.request();
        };
        tokio::join!(following, test);
        self.store.close().await.expect("it closes");
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("tidings.db")
    }
}

#[tokio::test]
async fn a_server_that_starts_far_behind_its_log_catches_up_and_then_keeps_up() {
    let behind = Behind::by(BACKLOG).await;
    let news = TaskNews::default();
    let mut of_last = news.subscribe(&format!("task_{}", BACKLOG - 1));
    let mut of_next = news.subscribe("task_next");

    let test = async {
        // Nothing is committed any more that could wake it.
        of_last.changed().await;
        for n in [0, BACKLOG / 2, BACKLOG - 1] {
            let found = behind.store.task(&format!("task_{n}")).await;
            let found = found.expect("the store answers");
            assert!(found.is_some(), "task_{n} was passed over");
        }
        let heard = behind.hears("task_next".to_owned()).await;
        heard.expect("the store takes it");
        let told = of_next.changed().await.expect("it is the task itself");
        assert_eq!(&*told.key.id, "task_next");
    };
    behind.followed(&news, test).await;
}

#[tokio::test]
async fn a_follower_that_the_store_fails_says_so_and_goes_on_when_it_can() {
    let behind = Behind::by(3).await;
    let news = TaskNews::default();
    let mut of_last = news.subscribe("task_2");
    let log = Log::listen();
    let lock = Lock::on(&behind.database());

    let test = async {
        log.says("cannot follow the events").await;
        lock.release();
        of_last.changed().await;
    };
    behind.followed(&news, test).await;
    log.is_as_expected();
}
