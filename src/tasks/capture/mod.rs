//! Keeping the files of ended tasks, before the vendor forgets them.
//!
//! ```text
//! log ──ends──▶ store ──due──▶ Cloud API ──addresses──▶ files ──piece by piece──▶ folder
//!                 ▲─────────────────── what became of each ◀────────────────────────┘
//! ```
//!
//! Which tasks have ended is read from the log and noted in the store, and so is what became of each
//! file: whoever is cut off begins one file anew, and looks through no folder. One file is fetched at
//! a time, within the background's share of the Cloud API's budget.

mod failure;

mod fetch;

mod folder;

mod kept;

mod place;

mod room;

mod stock;

mod wanted;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;
use tracing::debug;
use tracing::error;
use tracing::info;
use tracing::warn;

use self::failure::Failure;
use self::failure::REMEMBERED;
pub use self::folder::Folder;
pub use self::folder::Reading;
pub use self::kept::KeptFile;
pub use self::kept::KeptFiles;
pub use self::room::Limits;
use self::stock::Stock;
use super::output::LAG;
use crate::causes::with_causes;
use crate::clock::Clock;
use crate::cloud::Client;
use crate::shutdown::Shutdown;
use crate::store::Captured;
use crate::store::OpenCapture;
use crate::store::Store;
use crate::store::StoreError;
use crate::task::FileKind;

/// How many events are read at once for ends.
const STEP: usize = 1000;

/// How long to wait at most before looking again for what has ended.
const EVERY: Duration = Duration::from_secs(30);

/// What to keep, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where.
    pub folder: Folder,
    /// Files of which kind.
    pub kinds: Vec<FileKind>,
    /// How much of them.
    pub limits: Limits,
}

/// Keeps the files of ended tasks.
#[derive(Debug)]
pub struct Capturer {
    settings: Settings,
    cloud: Client,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stock: Stock,
    /// Whether it went well the last time: what goes on is said once.
    is_well: AtomicBool,
}

impl Capturer {
    /// Somebody who keeps the files of the tasks in this store, and asks `cloud` for them.
    #[must_use]
    pub fn new(
        settings: Settings,
        cloud: Client,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            cloud,
            store,
            clock,
            stock: Stock::default(),
            is_well: AtomicBool::new(true),
        }
    }

    /// Keeps the files of all tasks whose time has come, until something is wrong that the next one
    /// would meet, too. Says how long to wait then. Tests call this in place of [`Capturer::run`].
    ///
    /// Fails if the store does not answer. All else that goes wrong is noted, and tried again.
    pub async fn step(&self) -> Result<Duration, StoreError> {
        let since = self.clock.now() - REMEMBERED;
        // An output may lag behind the end, and so may files.
        while !self.store.note_ends(since, LAG, STEP).await? {}
        loop {
            let open = self.store.open_captures(1).await?;
            let now = self.clock.now();
            match open.first() {
                Some(open) if open.due_at <= now => {
                    if !self.keep(open).await? {
                        return Ok(EVERY);
                    }
                }
                Some(open) => {
                    let wait = open.due_at.duration_since(now).try_into();
                    return Ok(wait.unwrap_or(EVERY).min(EVERY));
                }
                None => return Ok(EVERY),
            }
        }
    }

    /// Keeps files until told to stop. One that is on its way then is begun anew at the next start.
    pub async fn run(&self, stop: Shutdown) {
        while !stop.is_requested() {
            let done = tokio::select! {
                () = stop.requested() => return,
                done = self.step() => done,
            };
            let wait = done.unwrap_or_else(|error| {
                let failure = Failure::from(error);
                self.say_once(&failure);
                EVERY
            });
            tokio::select! {
                () = stop.requested() => return,
                () = sleep(wait) => {}
            }
        }
    }

    /// Keeps what a task left behind, as far as it can be had now. Says whether another may do better.
    async fn keep(&self, open: &OpenCapture) -> Result<bool, StoreError> {
        let (captured, may_go_on) = match self.fetch_all(open).await {
            Ok(()) => {
                if !self.is_well.swap(true, Ordering::Relaxed) {
                    info!("Files of ended tasks are kept again");
                }
                (Captured::All, true)
            }
            Err(Failure::Store(error)) => return Err(error),
            Err(failure) => (self.judged(open, &failure), failure.is_of_one_file()),
        };
        self.store.settle_capture(open.task, captured).await?;
        Ok(may_go_on)
    }

    /// What a failure means for a task, said where somebody may have to do something.
    fn judged(&self, open: &OpenCapture, failure: &Failure) -> Captured {
        let why = with_causes(failure).to_string();
        let task = &open.key.id;
        let captured = failure.judged(open, why.clone(), self.clock.now());
        match (&captured, failure) {
            (Captured::Lost { .. }, Failure::Unknown(_)) => debug!(
                task.id = %task,
                error = %why,
                "There are no files of a task to be had"
            ),
            (Captured::Lost { .. }, _) => warn!(
                task.id = %task,
                error = %why,
                "Not all files of a task could be kept, and Browser Use has them no more"
            ),
            _ if failure.is_of_one_file() => debug!(
                task.id = %task,
                error = %why,
                "Not all files of a task can be kept yet; trying again"
            ),
            _ => self.say_once(failure),
        }
        captured
    }

    /// Says what is wrong, and not again until it went well: it will be so for the next task, too.
    fn say_once(&self, failure: &Failure) {
        if self.is_well.swap(false, Ordering::Relaxed) {
            error!(
                error = %with_causes(failure),
                "Files of ended tasks cannot be kept; trying again"
            );
        }
    }
}
