//! A receiver in this process while it runs.

use std::net::SocketAddr;
use std::sync::Arc;

use tidings::app::App;
use tidings::app::Listeners;
use tidings::app::Role;
use tidings::clock::ManualClock;
use tidings::config::Config;
use tidings::config::Environment;
use tidings::config::Loaded;
use tidings::dispatch::Dispatcher;
use tidings::replays::Replayer;
use tidings::shutdown::Shutdown;
use tidings::store::Store;
use tidings::tasks::Enricher;
use tidings::tasks::TaskNews;
use tidings::tasks::capture::Capturer;
use tidings::tasks::reconcile::Reconciler;
use tidings::tasks::watch::Watcher;
use tokio::task::JoinSet;

use super::cloud::SECRET;
use super::home::TOKEN;

/// A receiver from its start to its stop: what a restart replaces.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) store: Arc<dyn Store>,
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) replayer: Arc<Replayer>,
    pub(super) reconciler: Option<Arc<Reconciler>>,
    pub(super) watcher: Option<Arc<Watcher>>,
    pub(super) enricher: Option<Arc<Enricher>>,
    pub(super) capturer: Option<Arc<Capturer>>,
    pub(super) news: TaskNews,
    shutdown: Shutdown,
    serving: JoinSet<anyhow::Result<()>>,
    pub(super) address: SocketAddr,
    /// Where webhooks are posted to.
    pub(super) url: String,
}

impl Running {
    /// Starts a receiver that delivers only when it is told to.
    pub(super) async fn start(
        config: &str,
        change: fn(&mut Config),
        clock: &Arc<ManualClock>,
    ) -> Self {
        let environment: Environment = [
            ("TIDINGS_CONFIG_TOML", config),
            ("BROWSER_USE_WEBHOOK_SECRET", SECRET),
            ("TIDINGS_API_TOKEN", TOKEN),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let mut config = Loaded::read(None, environment).expect("it is right").config;
        change(&mut config);
        let listeners = Listeners::bind(&config.server).await.expect("a free port");
        let address = listeners.public_address().expect("it is bound");
        let app = App::build(config, Arc::clone(clock) as _).await;
        let app = app.expect("nothing is wrong");

        let shutdown = Shutdown::new();
        let (store, dispatcher) = (Arc::clone(app.store()), Arc::clone(app.dispatcher()));
        let replayer = Arc::clone(app.replayer());
        let (reconciler, news) = (app.reconciler().map(Arc::clone), app.news().clone());
        let watcher = app.watcher().map(Arc::clone);
        let enricher = app.enricher().map(Arc::clone);
        let capturer = app.capturer().map(Arc::clone);
        let mut serving = JoinSet::new();
        serving.spawn(app.serve(listeners, Role::Receive, shutdown.clone()));
        Self {
            store,
            dispatcher,
            replayer,
            reconciler,
            watcher,
            enricher,
            capturer,
            news,
            shutdown,
            serving,
            address,
            url: format!("http://{address}/webhook"),
        }
    }

    /// Stops it, and returns once it has ended well.
    pub(super) async fn stop(mut self) {
        // The sinks end when nobody can give them anything any more.
        drop(self.dispatcher);
        drop(self.replayer);
        drop(self.reconciler);
        drop(self.watcher);
        drop(self.enricher);
        drop(self.capturer);
        drop(self.store);
        self.shutdown.request();
        while let Some(served) = self.serving.join_next().await {
            served.expect("nothing panics").expect("it ends well");
        }
    }
}
