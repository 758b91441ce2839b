//! What the handlers are given: each takes the part it needs, so its arguments say what it touches.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use axum::extract::FromRef;
use tokio::time::timeout;

use super::Keys;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::ingest::Pings;
use crate::keyring::Keyring;
use crate::name::SinkName;
use crate::period;
use crate::replays::Replayer;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::sinks::Sink;
use crate::store::Access;
use crate::store::DeliveryQueue;
use crate::store::Endpoints;
use crate::store::Enrichments;
use crate::store::EventLog;
use crate::store::Rejections;
use crate::store::Replays;
use crate::store::SinkBook;
use crate::store::Store;
use crate::store::TaskBook;
use crate::tasks::Links;
use crate::tasks::LookUps;
use crate::tasks::Rebuilds;
use crate::tasks::WaitingRoom;
use crate::tasks::capture::KeptFiles;

/// A sink that is configured.
#[derive(Clone, Debug)]
pub struct SinkEntry {
    /// Its name.
    pub name: SinkName,
    /// The word in its `type` key.
    pub kind: &'static str,
    /// How long a try may take.
    pub timeout: Duration,
    /// The sink itself.
    pub sink: Arc<dyn Sink>,
}

impl SinkEntry {
    /// Looks whether it could take something now, within the time of a try.
    pub async fn check(&self) -> anyhow::Result<()> {
        timeout(self.timeout, self.sink.check())
            .await
            .unwrap_or_else(|_| Err(anyhow!("no answer within {}", period::text(self.timeout))))
    }
}

/// All that the API works on.
#[derive(Clone, Debug)]
pub struct ApiState {
    /// Everything that is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Which sinks an event is owed to.
    pub routes: Arc<Routes>,
    /// The sinks that are configured.
    pub sinks: Arc<[SinkEntry]>,
    /// Carries replays through.
    pub replayer: Arc<Replayer>,
    /// The Cloud API.
    pub cloud: Client,
    /// Asks it about tasks, and remembers.
    pub look_ups: LookUps,
    /// Links that open a file.
    pub links: Links,
    /// What is kept of the files of tasks.
    pub kept_files: KeptFiles,
    /// Folds the state of tasks anew.
    pub rebuilds: Rebuilds,
    /// Where to wait for tasks.
    pub waiting: WaitingRoom,
    /// The webhook secrets.
    pub secrets: Keyring,
    /// The memory of test pings.
    pub pings: Pings,
    /// Who may call.
    pub keys: Keys,
    /// Heard by `/readyz`: a server that stops wants no new work.
    pub shutdown: Shutdown,
}

/// Says which part of the state a handler gets when it asks for a type.
macro_rules! parts {
    ($($part:ty = $field:ident),+ $(,)?) => {
        $(impl FromRef<ApiState> for $part {
            fn from_ref(state: &ApiState) -> Self {
                state.$field.clone()
            }
        })+
    };
}

parts! {
    Arc<dyn Store> = store,
    Arc<dyn EventLog> = store,
    Arc<dyn DeliveryQueue> = store,
    Arc<dyn SinkBook> = store,
    Arc<dyn Replays> = store,
    Arc<dyn TaskBook> = store,
    Arc<dyn Rejections> = store,
    Arc<dyn Access> = store,
    Arc<dyn Endpoints> = store,
    Arc<dyn Enrichments> = store,
    Arc<dyn Clock> = clock,
    Arc<Routes> = routes,
    Arc<[SinkEntry]> = sinks,
    Arc<Replayer> = replayer,
    Client = cloud,
    LookUps = look_ups,
    Links = links,
    KeptFiles = kept_files,
    Rebuilds = rebuilds,
    WaitingRoom = waiting,
    Keyring = secrets,
    Pings = pings,
    Keys = keys,
    Shutdown = shutdown,
}
