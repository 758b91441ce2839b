//! `tidings doctor`: looks at everything that has to be right, and says what to do where it is not.
//!
//! One file a group of checks. Where a server runs, it is asked; where none does, its database is
//! only read.

use std::process::ExitCode;

use clap::Args;

use super::Context;

mod clock;
mod configuration;
mod database;
mod disk;
mod endpoints;
mod files;
mod pings;
mod report;
mod secrets;
mod server;
mod sinks;

use self::report::Report;

/// Checks what has to be right before events can come and go; exit code 1 if something is not.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings doctor --wait-for-ping")]
pub(super) struct Doctor {
    /// Then wait until the vendor's test ping arrives at the running server.
    #[arg(long)]
    wait_for_ping: bool,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let mut report = Report::new(context.output);
        // Without it, nobody knows what else to look at.
        let Some(config) = configuration::check(context, &mut report)? else {
            return Ok(report.exit_code());
        };
        let server = server::check(context, &config, &mut report).await?;
        clock::check(server.as_ref(), &mut report)?;
        let free = database::check(context, &config, server.as_ref(), &mut report).await?;
        let look = free.as_ref().and_then(|free| free.look.as_ref());
        let known = endpoints::known(&config, server.as_ref(), look, &mut report).await?;
        secrets::check(&config, &known, look, &mut report)?;
        sinks::check(&config, server.as_ref(), free.is_some(), &mut report).await?;
        files::check(&config, &mut report)?;
        pings::check(&known, &mut report)?;
        if self.wait_for_ping {
            pings::wait(server.as_ref(), &known, &mut report).await?;
        }
        Ok(report.exit_code())
    }
}
