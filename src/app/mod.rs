//! Builds every part and joins them: the only place that knows all.

mod admin_token;

mod doors;

mod files;

mod keyring;

mod listeners;

mod lookout;

mod parts;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::info;
use tracing::warn;

pub use self::admin_token::read_admin_token;
use self::doors::Doors;
pub use self::listeners::Listeners;
use self::lookout::Lookout;
use self::parts::Writers;
pub use self::parts::check_sinks;
pub use self::parts::try_sinks;
use crate::clock::Clock;
use crate::config::Config;
use crate::dispatch::Dispatcher;
use crate::http;
use crate::replays::Replayer;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::tasks::Enricher;
use crate::tasks::TaskNews;
use crate::tasks::capture::Capturer;
use crate::tasks::reconcile::Reconciler;
use crate::tasks::watch::Watcher;

/// How long writers and sinks may take to put down what they still hold, once nothing new comes.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Which of its two works a process does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Receives and delivers.
    #[default]
    All,
    /// Receives, and leaves what is owed to others.
    Receive,
    /// Delivers, and receives nothing.
    Deliver,
}

/// Tidings, built and not yet running.
#[derive(Debug)]
pub struct App {
    store: Arc<dyn Store>,
    dispatcher: Arc<Dispatcher>,
    replayer: Arc<Replayer>,
    lookout: Lookout,
    news: TaskNews,
    doors: Doors,
    writers: Writers,
    /// What sinks spawned.
    sink_tasks: TaskTracker,
    limits: http::Limits,
    grace: Duration,
    /// Heard by the API: `/readyz` says no from then on.
    stopping: Shutdown,
}

impl App {
    /// Builds every part. What is wrong with the configuration, the database or the folder is found
    /// here, before anything is received.
    pub async fn build(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        parts::build(config, clock).await
    }

    /// Everything that is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What delivers. With [`Role::Receive`], whoever holds it decides when.
    #[must_use]
    pub fn dispatcher(&self) -> &Arc<Dispatcher> {
        &self.dispatcher
    }

    /// What carries replays through. With [`Role::Receive`], whoever holds it decides when.
    #[must_use]
    pub fn replayer(&self) -> &Arc<Replayer> {
        &self.replayer
    }

    /// What looks for missed webhooks; none without a key. With [`Role::Receive`], whoever holds it
    /// decides when.
    #[must_use]
    pub fn reconciler(&self) -> Option<&Arc<Reconciler>> {
        self.lookout.reconciler.as_ref()
    }

    /// What watches over tasks; none if nothing is to be watched over. With [`Role::Receive`],
    /// whoever holds it decides when.
    #[must_use]
    pub fn watcher(&self) -> Option<&Arc<Watcher>> {
        self.lookout.watcher.as_ref()
    }

    /// What looks up tasks for the news of their ends; none where no sink wants it. With
    /// [`Role::Receive`], whoever holds it decides when.
    #[must_use]
    pub fn enricher(&self) -> Option<&Arc<Enricher>> {
        self.lookout.enricher.as_ref()
    }

    /// What keeps the files of ended tasks; none where they are not to be kept. With
    /// [`Role::Receive`], whoever holds it decides when.
    #[must_use]
    pub fn capturer(&self) -> Option<&Arc<Capturer>> {
        self.lookout.capturer.as_ref()
    }

    /// What those hear who wait for tasks.
    #[must_use]
    pub fn news(&self) -> &TaskNews {
        &self.news
    }

    /// Runs until `shutdown` is requested, and ends in order: nothing new is accepted, what was
    /// accepted is answered, what is being delivered is finished or given back, and the store is
    /// closed last, because all of that still writes to it.
    pub async fn serve(
        self,
        listeners: Listeners,
        role: Role,
        shutdown: Shutdown,
    ) -> anyhow::Result<()> {
        let writers_stop = Shutdown::new();
        let writing = self.writers.start(role, &writers_stop);

        let answering = TaskTracker::new();
        for (listener, router) in self.doors.open(listeners, role) {
            let router = http::with_problems(router);
            answering.spawn(http::serve(listener, router, self.limits, shutdown.clone()));
        }
        answering.close();
        let delivering = deliver(&self.dispatcher, role, self.grace, shutdown.clone());
        let replaying = replay(&self.replayer, role, shutdown.clone());
        let telling = async {
            shutdown.requested().await;
            self.stopping.request();
        };
        let looking = self.lookout.run(role, &shutdown);
        tokio::join!(answering.wait(), delivering, replaying, looking, telling);

        // Sinks end their own tasks once nobody can give them anything any more.
        drop(self.dispatcher);
        writers_stop.request();
        ended("writing down refusals and uses", &writing).await;
        ended("the sinks' own work", &self.sink_tasks).await;
        self.store.close().await.context(
            "cannot close the database properly; what was acknowledged is in it all the same",
        )?;
        info!("Stopped");
        Ok(())
    }
}

/// Delivers until told to stop, and then ends what has begun.
async fn deliver(dispatcher: &Dispatcher, role: Role, grace: Duration, shutdown: Shutdown) {
    match role {
        Role::All | Role::Deliver => dispatcher.run(shutdown).await,
        Role::Receive => shutdown.requested().await,
    }
    dispatcher.drain(grace).await;
}

/// Carries replays through until told to stop. What that makes has to be delivered, so it is the work
/// of those who deliver.
async fn replay(replayer: &Replayer, role: Role, shutdown: Shutdown) {
    match role {
        Role::All | Role::Deliver => replayer.run(shutdown).await,
        Role::Receive => shutdown.requested().await,
    }
}

/// Waits for tasks that have nothing more to do than to put down what they hold.
async fn ended(work: &str, tasks: &TaskTracker) {
    tasks.close();
    if timeout(LAST_WORDS, tasks.wait()).await.is_err() {
        warn!("{work} did not end in time and is left behind");
    }
}
