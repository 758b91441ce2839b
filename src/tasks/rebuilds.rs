//! Rebuilding when somebody asks for it, one at a time.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::error;
use tracing::info;

use super::rebuild;
use crate::causes::with_causes;
use crate::shutdown::Shutdown;
use crate::store::Rebuild;
use crate::store::TaskBook;

/// Begins rebuilds and says how they go. Clones share it.
#[derive(Clone, Debug)]
pub struct Rebuilds(watch::Sender<Progress>);

/// How the last rebuild goes, or went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// How far it has come.
    pub so_far: Rebuild,
    /// Where it stands.
    pub stage: Stage,
}

/// Where a rebuild stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// None was asked for since the start.
    #[default]
    None,
    /// It goes on.
    Running,
    /// It came to its end.
    Done,
    /// The store failed it; the log says how.
    Failed,
}

impl Rebuilds {
    /// With it comes the task that does the work.
    #[must_use]
    pub fn new(book: Arc<dyn TaskBook>) -> (Self, RebuildWorker) {
        let progress = watch::Sender::default();
        let worker = RebuildWorker {
            book,
            progress: progress.clone(),
        };
        (Self(progress), worker)
    }

    /// Begins one, unless one goes on already.
    pub fn begin(&self) {
        self.0.send_if_modified(|progress| {
            let is_idle = progress.stage != Stage::Running;
            if is_idle {
                *progress = Progress {
                    stage: Stage::Running,
                    ..Progress::default()
                };
            }
            is_idle
        });
    }

    /// How the last one goes, or went.
    #[must_use]
    pub fn progress(&self) -> Progress {
        *self.0.borrow()
    }
}

/// Rebuilds beside the requests.
#[derive(Debug)]
pub struct RebuildWorker {
    book: Arc<dyn TaskBook>,
    progress: watch::Sender<Progress>,
}

impl RebuildWorker {
    /// Works until `stop` is requested. A rebuild that is cut short leaves every task whole.
    pub async fn run(self, stop: Shutdown) {
        let mut asked = self.progress.subscribe();
        let working = async {
            // It ends only once nobody can ask any more, and we could ourselves.
            while asked
                .wait_for(|now| now.stage == Stage::Running)
                .await
                .is_ok()
            {
                self.rebuild().await;
            }
        };
        tokio::select! {
            () = working => {}
            () = stop.requested() => {}
        }
    }

    async fn rebuild(&self) {
        info!("Folding the state of all tasks anew");
        let told = |so_far: &Rebuild| self.progress.send_modify(|now| now.so_far = *so_far);
        let stage = match rebuild(&*self.book, told).await {
            Ok(done) => {
                info!(
                    observations.added = done.added,
                    tasks.mended = done.mended,
                    "The state of all tasks is folded anew"
                );
                Stage::Done
            }
            Err(error) => {
                error!(
                    error = %with_causes(&error),
                    "The state of tasks could not be folded anew; what was done of it is whole"
                );
                Stage::Failed
            }
        };
        self.progress.send_modify(|now| now.stage = stage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_that_goes_on_is_not_begun_anew_and_one_that_ended_is() {
        let rebuilds = Rebuilds(watch::Sender::default());
        rebuilds.begin();
        rebuilds.0.send_modify(|now| now.so_far.added = 7);
        rebuilds.begin();
        assert_eq!(rebuilds.progress().so_far.added, 7);

        rebuilds.0.send_modify(|now| now.stage = Stage::Done);
        rebuilds.begin();
        let Progress { so_far, stage } = rebuilds.progress();
        assert_eq!((so_far, stage), (Rebuild::default(), Stage::Running));
    }
}
