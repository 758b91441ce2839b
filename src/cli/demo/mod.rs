//! `tidings demo`: everything in one process, told step by step.

mod stage;

mod story;

mod teller;

mod watch;

use std::process::ExitCode;

use clap::Args;
use tokio_util::task::TaskTracker;

use self::stage::Stage;
use self::story::Story;
use self::teller::Teller;
use super::Context;
use crate::shutdown;
use crate::shutdown::Shutdown;

/// Shows everything in one process: made-up tasks, their signed webhooks, and both kinds of sink.
///
/// It listens on this machine only, on free ports, and keeps everything in a temporary folder that
/// is gone when it ends.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings demo --once")]
pub(super) struct Demo {
    /// End after one task, with exit code 0 if all went as promised.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let teller = Teller::new(context.output);
        let stop = Shutdown::new();
        let tasks = TaskTracker::new();
        let signals = TaskTracker::new();
        signals.spawn(shutdown::obey_signals(stop.clone())?);

        let stage = Stage::build().await?;
        teller.opening(&stage)?;
        let mut story = Story::new(stage, teller, &tasks, &stop).await?;

        let told = tokio::select! {
            told = self.play(&mut story) => told,
            () = stop.requested() => Ok(()),
        };
        stop.request();
        tasks.close();
        tasks.wait().await;
        told.map(|()| ExitCode::SUCCESS)
    }

    async fn play(&self, story: &mut Story) -> anyhow::Result<()> {
        story.tell_one_task().await?;
        if self.once {
            return Ok(());
        }
        story.invite()?;
        loop {
            story.run_another_task().await?;
        }
    }
}
