//! Folding the tasks of a database, in a process of its own: what it takes in memory is seen.

use std::path::PathBuf;
use std::process;
use std::time::Instant;

use clap::Args;
use serde::Deserialize;
use serde::Serialize;
use tidings::tasks;

use crate::database;
use crate::process::Usage;
use crate::process::answer;
use crate::process::role;

/// How many events in a step: as many as the follower takes.
const STEP: usize = 128;

/// Which database.
#[derive(Clone, Debug, Args)]
pub(crate) struct Folding {
    /// Where it lies.
    #[arg(long)]
    pub(crate) folder: PathBuf,
}

/// What it took.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Folded {
    /// Seconds to follow the log from its beginning.
    pub(crate) followed: f64,
    /// Seconds to fold everything anew.
    pub(crate) rebuilt: f64,
    /// How many tasks came out.
    pub(crate) tasks: i64,
    /// Memory at its highest, in MB.
    pub(crate) peak_memory: f64,
}

impl Folding {
    /// Carries it out in this process.
    pub(crate) async fn carry_out(&self) -> anyhow::Result<Folded> {
        let store = database::open(&self.folder).await?;
        let began = Instant::now();
        while !store.follow(STEP).await?.caught_up {}
        let followed = began.elapsed().as_secs_f64();

        let began = Instant::now();
        let rebuilt = tasks::rebuild(&*store, |_| {}).await?;
        let folded = Folded {
            followed,
            rebuilt: began.elapsed().as_secs_f64(),
            tasks: rebuilt.tasks,
            peak_memory: Usage::of(process::id().try_into()?)?.peak_memory,
        };
        store.close().await?;
        Ok(folded)
    }

    /// Carries it out in a process of its own.
    pub(crate) async fn run(&self) -> anyhow::Result<Folded> {
        let mut command = role("fold-tasks")?;
        command.arg("--folder").arg(&self.folder);
        answer(command).await
    }
}
