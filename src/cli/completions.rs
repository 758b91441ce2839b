//! `tidings completions`: lets the shell complete our words.

use std::process::ExitCode;

use clap::Args;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use super::Context;

/// Prints a script that completes commands and options.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings completions bash > /etc/bash_completion.d/tidings")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tidings", &mut script);
        context.output.bytes(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
