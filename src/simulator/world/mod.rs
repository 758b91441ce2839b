//! What the simulated cloud remembers. It is in memory, bounded, and gone when it ends.

mod api;

mod assignment;

mod beats;

mod cron;

mod files;

mod life;

mod memory;

mod notice;

mod profile;

mod run;

mod schedule;

mod session;

mod shelf;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use jiff::Timestamp;
use tokio::sync::Notify;

pub(crate) use self::api::Api;
pub(crate) use self::assignment::Assignment;
pub(crate) use self::cron::Cron;
pub(crate) use self::files::FILE_LIMIT;
pub(crate) use self::files::LINK_LIFETIME;
pub(crate) use self::files::Link;
pub(crate) use self::files::TASK_FILES_LIMIT;
pub(crate) use self::files::Target;
pub(crate) use self::life::End;
pub use self::life::Life;
pub use self::life::UnknownLife;
pub(crate) use self::memory::Memory;
pub(crate) use self::notice::Notice;
pub(crate) use self::profile::Browser;
pub(crate) use self::profile::Profile;
pub(crate) use self::run::Disobeyed;
pub(crate) use self::run::News;
pub(crate) use self::run::Phase;
pub(crate) use self::run::Run;
pub(crate) use self::schedule::Rhythm;
pub(crate) use self::schedule::Schedule;
pub(crate) use self::session::Session;
pub(crate) use self::session::SessionSettings;
use super::Options;
use crate::clock::Clock;

/// The memory, the clock it lives by, and a bell for whoever tells its news.
#[derive(Debug)]
pub(super) struct World {
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
    changed: Notify,
}

impl World {
    pub(super) fn new(options: &Options, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            memory: Mutex::new(Memory::new(options)),
            changed: Notify::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Looks at what is remembered, as it is by now.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Memory, Timestamp) -> T) -> T {
        self.update(|memory, now| look(memory, now))
    }

    /// Changes it, and says so to whoever tells its news.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Memory, Timestamp) -> T) -> T {
        let changed = self.update(change);
        self.changed.notify_one();
        changed
    }

    /// Changes it. What came to pass before is noted first, so that news keep their order.
    pub(super) fn update<T>(&self, change: impl FnOnce(&mut Memory, Timestamp) -> T) -> T {
        let now = self.now();
        let mut memory = self.lock();
        memory.pass(now);
        change(&mut memory, now)
    }

    /// Returns once something was changed.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
