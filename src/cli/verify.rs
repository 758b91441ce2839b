//! `tidings verify`.

use std::process::ExitCode;

use super::Context;

/// Not built yet.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  tidings verify")]
pub(super) struct Verify {}

impl Verify {
    #[expect(clippy::unused_self, reason = "it will have arguments")]
    pub(super) fn run(self, _: &Context) -> anyhow::Result<ExitCode> {
        anyhow::bail!("this command is not built yet")
    }
}
