//! `tidings demo`.

use std::process::ExitCode;

use super::Context;

/// Not built yet.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tidings demo")]
pub(super) struct Demo {}

impl Demo {
    #[expect(clippy::unused_async, reason = "it will talk over HTTP")]
    pub(super) async fn run(self, _: &Context) -> anyhow::Result<ExitCode> {
        anyhow::bail!("this command is not built yet")
    }
}
