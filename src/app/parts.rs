//! Makes the parts out of the configuration: each gets the settings it needs and no more.

use std::sync::Arc;

use anyhow::Context as _;
use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::App;
use super::Role;
use super::admin_token::make_admin_token;
use super::doors::Doors;
use super::files::folder;
use super::files::links;
use super::keyring;
use super::lookout::Lookout;
use crate::api;
use crate::api::ApiState;
use crate::api::KeyWriter;
use crate::api::Keys;
use crate::api::SinkEntry;
use crate::clock::Clock;
use crate::cloud;
use crate::cloud::Client;
use crate::cloud::Patience;
use crate::config;
use crate::config::Config;
use crate::config::Enrich;
use crate::config::Ordering;
use crate::dispatch::Dispatcher;
use crate::dispatch::SinkSettings;
use crate::http;
use crate::ingest;
use crate::ingest::PingWriter;
use crate::ingest::Pings;
use crate::ingest::Receivers;
use crate::ingest::Recorder;
use crate::ingest::RejectionLimits;
use crate::ingest::RejectionWriter;
use crate::keyring::Keyring;
use crate::name::SinkName;
use crate::replays::Replayer;
use crate::routing::Route;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::sinks::Tools;
use crate::store;
use crate::store::OpenOptions;
use crate::store::Store;
use crate::tasks::Follower;
use crate::tasks::LookUps;
use crate::tasks::RebuildWorker;
use crate::tasks::Rebuilds;
use crate::tasks::TaskNews;
use crate::tasks::WaitingRoom;
use crate::tasks::capture::KeptFiles;
use crate::tasks::reconcile;

/// What is written down beside the requests.
#[derive(Debug)]
pub(super) struct Writers {
    follower: Follower,
    rebuilds: RebuildWorker,
    keys: KeyWriter,
    pings: PingWriter,
    rejections: RejectionWriter,
}

impl Writers {
    /// Starts those that a role has work for. They end once `stop` is requested and nothing is left
    /// to write; what the follower has not read yet is in the log.
    pub(super) fn start(self, role: Role, stop: &Shutdown) -> TaskTracker {
        let tasks = TaskTracker::new();
        if role != Role::Deliver {
            tasks.spawn(self.follower.run(stop.clone()));
        }
        tasks.spawn(self.rebuilds.run(stop.clone()));
        tasks.spawn(self.keys.run(stop.clone()));
        tasks.spawn(self.pings.run(stop.clone()));
        tasks.spawn(self.rejections.run(stop.clone()));
        tasks
    }
}

pub(super) async fn build(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<App> {
    let sink_tasks = TaskTracker::new();
    let routes = Arc::new(routes(&config));
    // Before the database is touched: what cannot be built is a mistake in the file.
    let secrets = keyring::configured(&config);
    let sinks = sinks(&config, &secrets, &sink_tasks)?;
    let folder = folder(&config)?;
    let store = open(&config, &sinks, clock.as_ref()).await?;

    keyring::load(&secrets, store.as_ref()).await?;
    let endpoints = config.endpoints.iter();
    let names = endpoints.map(|endpoint| endpoint.name.clone());
    let (pings, ping_writer) = Pings::new(names, Arc::clone(&store) as _);
    let (recorder, rejection_writer) =
        Recorder::new(RejectionLimits::default(), Arc::clone(&store) as _);
    let (keys, key_writer) = Keys::new(config.api_token.as_ref(), Arc::clone(&store) as _);
    let news = TaskNews::default();
    let follower = Follower::new(&store, news.clone());
    let (rebuilds, rebuild_worker) = Rebuilds::new(Arc::clone(&store) as _);
    let cloud = cloud(&config.cloud)?;
    let tools = tools(&cloud, &store, &news, &routes, &clock);
    let look_ups = tools.look_ups.clone();
    let links = links(&config, store.as_ref()).await?;
    let lookout = Lookout::new(&config, links.clone(), folder.clone(), tools)?;
    let stopping = Shutdown::new();

    let receiving = ingest::router(Receivers {
        endpoints: config.endpoints.iter().map(endpoint).collect(),
        limits: ingest::Limits {
            max_body_bytes: config.server.max_body_bytes,
            read_timeout: config.server.read_timeout,
            max_concurrent: config.server.max_concurrent,
        },
        trusted_proxies: config.server.trusted_proxies.clone(),
        routes: Arc::clone(&routes),
        log: Arc::clone(&store) as _,
        clock: Arc::clone(&clock),
        secrets: secrets.clone(),
        pings: pings.clone(),
        rejections: recorder,
    });
    let replayer = Arc::new(replayer(&store, &routes, &clock, &sinks));
    let state = ApiState {
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
        routes,
        sinks: sinks.iter().map(|(_, entry)| entry.clone()).collect(),
        replayer: Arc::clone(&replayer),
        cloud,
        look_ups: look_ups.clone(),
        links,
        kept_files: KeptFiles::new(Arc::clone(&store), folder),
        secrets,
        pings,
        keys,
        rebuilds,
        waiting: WaitingRoom::new(
            Arc::clone(&store) as _,
            news.clone(),
            look_ups,
            stopping.clone(),
            // Whoever waits holds a connection, and webhooks must still find one.
            config.server.max_connections / 4 * 3,
        ),
        shutdown: stopping.clone(),
    };
    let to_deliver = sinks
        .into_iter()
        .map(|(settings, entry)| (settings, entry.sink))
        .collect();
    Ok(App {
        dispatcher: Arc::new(Dispatcher::new(Arc::clone(&store), to_deliver, clock)),
        store,
        replayer,
        lookout,
        news,
        doors: Doors {
            receiving,
            health: api::health_router(state.clone()),
            api: api::router(state),
        },
        writers: Writers {
            follower,
            rebuilds: rebuild_worker,
            keys: key_writer,
            pings: ping_writer,
            rejections: rejection_writer,
        },
        sink_tasks,
        limits: http::Limits {
            header_read_timeout: config.server.header_timeout,
            max_connections: config.server.max_connections,
            grace: config.server.grace,
        },
        grace: config.server.grace,
        stopping,
    })
}

/// Opens the store, makes the sinks known to it, and sees to it that somebody can call the API.
async fn open(
    config: &Config,
    sinks: &[(SinkSettings, SinkEntry)],
    clock: &dyn Clock,
) -> anyhow::Result<Arc<dyn Store>> {
    let store = store::open(OpenOptions::new(config.store.url.clone())).await?;
    let now = clock.now();
    let names: Vec<SinkName> = sinks.iter().map(|(_, entry)| entry.name.clone()).collect();
    store.register_sinks(&names, now).await?;

    if config.api_token.is_none()
        && let Some(path) = make_admin_token(store.as_ref(), &config.store.url, now).await?
    {
        info!(
            file.path = %path.display(),
            "No token was given, so one was made: it is in {}", path.display()
        );
    }
    Ok(store)
}

/// Who carries replays through, to the sinks as they are served.
fn replayer(
    store: &Arc<dyn Store>,
    routes: &Arc<Routes>,
    clock: &Arc<dyn Clock>,
    sinks: &[(SinkSettings, SinkEntry)],
) -> Replayer {
    let served = sinks.iter();
    Replayer::new(
        Arc::clone(store),
        Arc::clone(routes),
        Arc::clone(clock),
        served.map(|(settings, _)| (settings.name.clone(), settings.at_once())),
    )
}

/// What those work with who look around.
fn tools(
    cloud: &Client,
    store: &Arc<dyn Store>,
    news: &TaskNews,
    routes: &Arc<Routes>,
    clock: &Arc<dyn Clock>,
) -> reconcile::Tools {
    let look_ups = LookUps::new(
        cloud.clone(),
        Arc::clone(store) as _,
        news.clone(),
        Arc::clone(clock),
    );
    reconcile::Tools {
        cloud: cloud.in_the_background(),
        look_ups,
        store: Arc::clone(store),
        news: news.clone(),
        routes: Arc::clone(routes),
        clock: Arc::clone(clock),
    }
}

/// The Cloud API, asked with one budget by all who have a question.
fn cloud(settings: &config::Cloud) -> anyhow::Result<Client> {
    Client::new(cloud::Settings {
        api_key: settings.api_key.clone(),
        base_url: settings.base_url.clone(),
        versions: settings.versions.clone(),
        rate: settings.rate,
        patience: Patience::default(),
    })
}

/// Finds what is wrong with the sinks beyond their keys, as a start would.
pub fn check_sinks(config: &Config) -> anyhow::Result<()> {
    sinks(config, &keyring::configured(config), &TaskTracker::new()).map(drop)
}

/// Looks whether each sink could take something now, where no server runs that does so itself.
pub async fn try_sinks(config: &Config) -> anyhow::Result<Vec<(SinkName, anyhow::Result<()>)>> {
    let tasks = TaskTracker::new();
    let checks = sinks(config, &keyring::configured(config), &tasks)?
        .into_iter()
        .map(|(_, entry)| async move {
            let outcome = entry.check().await;
            (entry.name, outcome)
        });
    let outcomes = join_all(checks).await;
    tasks.close();
    tasks.wait().await;
    Ok(outcomes)
}

fn sinks(
    config: &Config,
    keyring: &Keyring,
    tasks: &TaskTracker,
) -> anyhow::Result<Vec<(SinkSettings, SinkEntry)>> {
    config
        .sinks
        .iter()
        .map(|sink| {
            let common = &sink.common;
            let tools = Tools {
                concurrency: common.concurrency.get(),
                timeout: common.timeout,
                in_batches: common.batch.is_some(),
                environment: config.environment.clone(),
                tasks: tasks.clone(),
                reach: sink.reach.clone(),
                keyring: keyring.clone(),
                ..Tools::default()
            };
            let only_received = sink.kind.takes_only_received();
            let built = sink
                .kind
                .clone()
                .build(&tools)
                .with_context(|| format!("sink `{}`", common.name))?;
            let settings = SinkSettings {
                name: common.name.clone(),
                timeout: common.timeout,
                concurrency: common.concurrency.get(),
                retry: common.retry.clone(),
                breaker: common.breaker.clone(),
                rate: common.rate,
                batch: common.batch,
                superseded: common.superseded,
                only_received,
                task_filter: common.filter.task.clone(),
            };
            let entry = SinkEntry {
                name: common.name.clone(),
                kind: sink.kind.as_str(),
                timeout: common.timeout,
                sink: built,
            };
            Ok((settings, entry))
        })
        .collect()
}

fn routes(config: &Config) -> Routes {
    let within = SignedDuration::try_from(config.cloud.enrich_within);
    let within = within.unwrap_or(SignedDuration::MAX);
    let routes = config.sinks.iter().map(|sink| Route {
        sink: sink.common.name.clone(),
        filter: sink.common.filter.clone(),
        ordered: sink.common.order == Ordering::Task,
        only_received: sink.kind.takes_only_received(),
        enrich: sink.common.enrich.map(|Enrich::Task| within),
    });
    Routes::new(routes.collect())
}

fn endpoint(endpoint: &config::Endpoint) -> ingest::Endpoint {
    ingest::Endpoint {
        name: endpoint.name.clone(),
        path: endpoint.path.clone(),
        accept: endpoint.accept.clone(),
        max_age: SignedDuration::try_from(endpoint.max_age).unwrap_or(SignedDuration::MAX),
        accept_unsigned_test: endpoint.accept_unsigned_test,
    }
}
