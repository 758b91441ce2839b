//! The commands, one file each.
//!
//! A command is a struct of arguments with a `run`. Those that ask a running server share
//! `client` and `table`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use url::Url;

use crate::config::Environment;
use crate::secret::Secret;

mod agent;
mod arguments;
mod bar;
mod body;
mod client;
mod cloud;
mod completions;
mod config;
mod context;
mod deliveries;
mod demo;
mod doctor;
mod events;
mod health;
mod input;
mod local;
mod output;
mod progress;
mod rejections;
mod rendering;
mod replays;
mod save;
mod secret;
mod send;
mod serve;
mod simulate;
mod sinks;
mod table;
mod tasks;
mod token;
mod verdict;
mod verify;

use self::arguments::WrongUsage;
use self::context::Context;
use self::output::Output;

/// The exit code after wrong usage, as clap has it.
const WRONG_USAGE: u8 = 2;

/// Receives webhooks from Browser Use Cloud, keeps them, and delivers them to your own systems.
#[derive(Debug, Parser)]
#[command(
    name = "tidings",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Example:\n  tidings serve"
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,

    #[command(subcommand)]
    command: Command,
}

/// What every command takes. What the environment says instead is asked where it is needed, so that
/// a command which needs none of it is not troubled by a mistake there.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// The configuration; else ./tidings.toml, then /etc/tidings/tidings.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print JSON, one object a line.
    #[arg(long, global = true)]
    json: bool,

    /// The running server; else that in `TIDINGS_URL`, else the one that the configuration describes.
    #[arg(long, global = true, value_name = "URL")]
    server: Option<Url>,

    /// A token for its API; else that in `TIDINGS_API_TOKEN`, else in the file `admin-token` beside
    /// its database.
    #[arg(long, global = true, value_name = "TOKEN")]
    token: Option<Secret>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),

    // To try it and to look into deliveries; these need no server.
    Demo(demo::Demo),
    Send(send::Send),
    Simulate(simulate::Simulate),
    Verify(verify::Verify),

    // To set it up.
    Config(config::Config),
    Secret(secret::Secret),
    Token(token::Token),

    // To see what came and where it went.
    Events(events::Events),
    Tasks(tasks::Tasks),
    Deliveries(deliveries::Deliveries),
    Replays(replays::Replays),
    Rejections(rejections::Rejections),
    Sinks(sinks::Sinks),

    // To use Browser Use Cloud.
    Cloud(cloud::Cloud),

    // To see that it can work.
    Doctor(doctor::Doctor),
    Health(health::Health),
    Completions(completions::Completions),
}

/// Parses the command line, runs the command, and says how it went: 0 well, 1 not, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli.run(Environment::of_process())));
    match outcome {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            if error.is::<WrongUsage>() {
                ExitCode::from(WRONG_USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// Whether the reader of our output went away, as `head` does: that is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl Cli {
    async fn run(self, environment: Environment) -> anyhow::Result<ExitCode> {
        let context = Context {
            output: Output::new(self.global.json),
            global: self.global,
            environment,
        };
        match self.command {
            Command::Serve(serve) => serve.run(&context).await,
            Command::Demo(demo) => demo.run(&context).await,
            Command::Send(send) => send.run(&context).await,
            Command::Simulate(simulate) => simulate.run(&context).await,
            Command::Verify(verify) => verify.run(&context),
            Command::Config(config) => config.run(&context),
            Command::Secret(secret) => secret.run(&context).await,
            Command::Token(token) => token.run(&context).await,
            Command::Events(events) => events.run(&context).await,
            Command::Tasks(tasks) => tasks.run(&context).await,
            Command::Deliveries(deliveries) => deliveries.run(&context).await,
            Command::Replays(replays) => replays.run(&context).await,
            Command::Rejections(rejections) => rejections.run(&context).await,
            Command::Sinks(sinks) => sinks.run(&context).await,
            Command::Cloud(cloud) => cloud.run(&context).await,
            Command::Doctor(doctor) => doctor.run(&context).await,
            Command::Health(health) => health.run(&context).await,
            Command::Completions(completions) => completions.run(&context),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_has_an_example() {
        fn look(command: &clap::Command, path: &str, missing: &mut Vec<String>) {
            let help = command.get_after_help().map(ToString::to_string);
            if !help.unwrap_or_default().contains("Example:\n  tidings ") {
                missing.push(path.to_owned());
            }
            for child in command.get_subcommands() {
                look(child, &format!("{path} {}", child.get_name()), missing);
            }
        }
        let mut missing = Vec::new();
        look(&Cli::command(), "tidings", &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }
}
