//! `tidings serve`.

use std::process::ExitCode;

use clap::Args;

use super::Context;

/// Runs it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings serve --config tidings.toml")]
pub(super) struct Serve {}

impl Serve {
    #[expect(clippy::unused_async, reason = "it will serve")]
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        context.load()?;
        anyhow::bail!("this command is not built yet")
    }
}
