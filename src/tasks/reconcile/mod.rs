//! Finding what no webhook told: ends, and in poll mode starts.
//!
//! A look reads what each version of the API lists, back to where the look before began, and asks
//! after every task that goes on as far as we know. What it finds is appended as an event of the
//! shape that a webhook has; whether it is news is decided in the append (`store::Ledger`). The
//! first look ever only takes note of what is there.

mod consider;

mod look;

mod tell;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::sleep;
use tracing::error;
use tracing::info;

pub use self::look::Found;
use super::LookUps;
use super::TaskNews;
use crate::canonical::CanonicalError;
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::cloud::CloudError;
use crate::name::EndpointName;
use crate::routing::Routes;
use crate::shutdown::Shutdown;
use crate::store::Store;
use crate::store::StoreError;
use crate::task::ApiVersion;
use crate::task::TaskKey;

/// How to reconcile.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The versions of the API to look at.
    pub versions: Vec<ApiVersion>,
    /// How long to wait between two looks.
    pub every: Duration,
    /// How old an end must be before we tell it.
    pub grace: SignedDuration,
    /// How old an end may be that the first look tells; zero: it tells nothing.
    pub since: SignedDuration,
    /// Whether starts are told, too.
    pub tells_starts: bool,
    /// The endpoint that events are told in the name of.
    pub endpoint: EndpointName,
}

/// What a reconciler works with.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The Cloud API, within our share of its budget.
    pub cloud: Client,
    /// Who else asks, and may see an end before we do.
    pub look_ups: LookUps,
    /// Everything that is kept.
    pub store: Arc<dyn Store>,
    /// What those hear who wait for tasks.
    pub news: TaskNews,
    /// Which sinks an event is owed to.
    pub routes: Arc<Routes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Looks for what no webhook told, one look at a time.
#[derive(Debug)]
pub struct Reconciler {
    every: Duration,
    looker: Mutex<Looker>,
}

/// Who looks.
#[derive(Debug)]
struct Looker {
    settings: Settings,
    tools: Tools,
    /// Ends that are not old enough to be told, and when they were seen first.
    young_ends: HashMap<TaskKey, Timestamp>,
}

/// Why a look was not carried through.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The Cloud API did not tell.
    #[error(transparent)]
    Cloud(#[from] CloudError),

    /// What it told could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// What it told is more than a body may hold.
    #[error("what the Cloud API says of a task makes no body: {0}")]
    Body(#[from] CanonicalError),
}

impl Reconciler {
    /// A reconciler that has not looked yet.
    #[must_use]
    pub fn new(settings: Settings, tools: Tools) -> Self {
        Self {
            every: settings.every,
            looker: Mutex::new(Looker {
                settings,
                tools,
                young_ends: HashMap::new(),
            }),
        }
    }

    /// Looks once: at what is new in each version, and after each task that goes on.
    ///
    /// Fails where the Cloud API does not answer or the store does not keep. What was told until
    /// then stays told, and the next look begins where this one did.
    pub async fn look(&self) -> Result<Found, ReconcileError> {
        self.looker.lock().await.look().await
    }

    /// Looks at once, and again and again until told to stop. A look that is cut off is begun anew
    /// at the next start.
    pub async fn run(&self, stop: Shutdown) {
        let mut is_well = true;
        loop {
            let looked = tokio::select! {
                () = stop.requested() => return,
                looked = self.look() => looked,
            };
            match looked {
                Ok(found) => {
                    tell_what_was_found(found);
                    if !is_well {
                        info!("The Cloud API is looked at again");
                    }
                    is_well = true;
                }
                // Said once: it will be so again in five minutes, and until somebody mends it.
                Err(error) if is_well => {
                    error!(
                        error = %with_causes(&error),
                        "Missed webhooks cannot be looked for; trying again"
                    );
                    is_well = false;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = stop.requested() => return,
                () = sleep(self.every) => {}
            }
        }
    }
}

fn tell_what_was_found(found: Found) {
    if found.registered > 0 {
        info!(
            tasks.count = found.registered,
            "Took note of the tasks that are there; from now on their ends are told"
        );
    }
    if found.starts + found.ends > 0 {
        info!(
            starts.count = found.starts,
            ends.count = found.ends,
            "Found what no webhook told"
        );
    }
}
