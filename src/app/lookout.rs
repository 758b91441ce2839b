//! Who looks around while others receive and deliver.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use jiff::SignedDuration;

use super::Role;
use crate::config::Config;
use crate::config::Mode;
use crate::name::EndpointName;
use crate::shutdown::Shutdown;
use crate::tasks::Enricher;
use crate::tasks::Links;
use crate::tasks::capture;
use crate::tasks::capture::Capturer;
use crate::tasks::capture::Folder;
use crate::tasks::reconcile::Reconciler;
use crate::tasks::reconcile::Settings;
use crate::tasks::reconcile::Tools;
use crate::tasks::watch::Limits;
use crate::tasks::watch::Watcher;

/// Those who look around.
#[derive(Debug)]
pub(super) struct Lookout {
    /// None without a key to look with.
    pub(super) reconciler: Option<Arc<Reconciler>>,
    /// None if there is nothing to watch over.
    pub(super) watcher: Option<Arc<Watcher>>,
    /// None where no sink wants the task with the news of its end.
    pub(super) enricher: Option<Arc<Enricher>>,
    /// None where no files are kept.
    pub(super) capturer: Option<Arc<Capturer>>,
}

impl Lookout {
    /// Builds those that the configuration has work for.
    ///
    /// Fails if it wants the Cloud API to be asked, and has no key.
    pub(super) fn new(
        config: &Config,
        links: Links,
        folder: Option<Folder>,
        tools: Tools,
    ) -> anyhow::Result<Self> {
        let watcher = watcher(config, &tools);
        let capturer = folder.map(|folder| capturer(config, folder, &tools));
        let is_wanted = config.sinks.iter().any(|sink| sink.common.enrich.is_some());
        let enricher = Enricher::new(Arc::clone(&tools.store), tools.look_ups.clone(), links);
        Ok(Self {
            reconciler: reconciler(config, tools)?.map(Arc::new),
            watcher: watcher.map(Arc::new),
            enricher: is_wanted.then(|| Arc::new(enricher)),
            capturer: capturer.transpose()?.map(Arc::new),
        })
    }

    /// Looks for missed webhooks, watches over tasks, looks up what is sent with their ends, and keeps
    /// their files, until told to stop. What it finds has to be delivered, so it is the work of those
    /// who deliver.
    pub(super) async fn run(&self, role: Role, shutdown: &Shutdown) {
        if role == Role::Receive {
            return;
        }
        let reconciling = async {
            if let Some(reconciler) = &self.reconciler {
                reconciler.run(shutdown.clone()).await;
            }
        };
        let watching = async {
            if let Some(watcher) = &self.watcher {
                watcher.run(shutdown.clone()).await;
            }
        };
        let enriching = async {
            if let Some(enricher) = &self.enricher {
                enricher.run(shutdown.clone()).await;
            }
        };
        let capturing = async {
            if let Some(capturer) = &self.capturer {
                capturer.run(shutdown.clone()).await;
            }
        };
        tokio::join!(reconciling, watching, enriching, capturing);
    }
}

fn reconciler(config: &Config, tools: Tools) -> anyhow::Result<Option<Reconciler>> {
    let polls = config.mode == Mode::Poll;
    if config.cloud.api_key.is_none() {
        ensure!(
            !polls,
            "poll mode asks the Cloud API, and needs a key: set BROWSER_USE_API_KEY, or \
             `cloud.api_key` in the configuration"
        );
        return Ok(None);
    }
    let settings = &config.reconcile;
    let (every, grace) = if polls {
        (settings.poll_every, Duration::ZERO)
    } else {
        (settings.every, settings.grace)
    };
    let settings = Settings {
        versions: config.cloud.versions.clone(),
        every,
        grace: span(grace),
        since: span(settings.since),
        tells_starts: polls,
        endpoint: teller(config),
    };
    Ok(Some(Reconciler::new(settings, tools)))
}

fn watcher(config: &Config, tools: &Tools) -> Option<Watcher> {
    let limits = Limits {
        stuck_after: span(config.watch.stuck_after),
        silent_after: span(config.watch.silent_after),
    };
    limits.are_any().then(|| {
        Watcher::new(
            limits,
            teller(config),
            Arc::clone(&tools.store),
            Arc::clone(&tools.routes),
            Arc::clone(&tools.clock),
        )
    })
}

fn capturer(config: &Config, folder: Folder, tools: &Tools) -> anyhow::Result<Capturer> {
    ensure!(
        config.cloud.api_key.is_some(),
        "files are kept (`capture.folder`) by asking the Cloud API for them, which needs a key: set \
         BROWSER_USE_API_KEY, or `cloud.api_key` in the configuration"
    );
    let capture = &config.capture;
    let settings = capture::Settings {
        folder,
        kinds: capture.what.clone(),
        limits: capture::Limits {
            file: capture.max_file_bytes,
            task: capture.max_task_bytes,
            total: capture.max_total_bytes,
        },
    };
    Ok(Capturer::new(
        settings,
        tools.cloud.clone(),
        Arc::clone(&tools.store),
        Arc::clone(&tools.clock),
    ))
}

/// The endpoint in whose name we tell what no webhook told.
fn teller(config: &Config) -> EndpointName {
    let endpoint = config.endpoints.first();
    endpoint.map_or_else(EndpointName::default, |endpoint| endpoint.name.clone())
}

fn span(period: Duration) -> SignedDuration {
    SignedDuration::try_from(period).unwrap_or(SignedDuration::MAX)
}
