//! Runs a program for each event.
//!
//! The program gets the event on its standard input and, in short, in its environment. It runs in
//! a process group of its own, which ends with it: neither a try nor a stop leaves anything behind.

mod environment;

mod ending;

mod group;

mod output;

mod program;

mod run;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use async_trait::async_trait;
use serde::Deserialize;
use tokio::process::Command;

use self::ending::Endings;
use self::environment::Environment;
pub use self::environment::PASSED_ON;
use self::program::Program;
use self::run::run;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::Tools;
use crate::secret::Secret;

/// How much earlier than a try's end its program is killed. Whoever keeps the deadline drops the
/// try, and with it what the program said; so we are there first.
const HEAD_START: Duration = Duration::from_millis(100);

/// A command sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandConfig {
    /// What to run. A name alone is looked for in `PATH`.
    pub program: PathBuf,

    /// Its arguments, each as it stands: no shell reads them.
    #[serde(default)]
    pub args: Vec<String>,

    /// Variables of your own.
    #[serde(default)]
    pub env: BTreeMap<String, Secret>,

    /// The folder it runs in; ours, unless given.
    #[serde(default)]
    pub working_directory: Option<PathBuf>,

    /// Exit codes that mean "try again", beside 75.
    #[serde(default)]
    pub retry_on: Vec<u8>,
}

impl CommandConfig {
    /// Builds the sink. Whether the program is there is asked with each event, and by
    /// [`Sink::check`].
    pub(super) fn build(self, tools: &Tools) -> anyhow::Result<CommandSink> {
        let environment = Environment::new(&tools.environment, &self.env)?;
        let nul = |text: &String| text.contains('\0');
        ensure!(
            !self.args.iter().any(nul),
            "`args` holds a NUL, which no program can be given"
        );
        Ok(CommandSink {
            program: Program::new(&self.program, environment.search_path())?,
            args: self.args,
            environment,
            working_directory: self.working_directory,
            endings: Endings::new(&self.retry_on)?,
            timeout: tools.timeout,
        })
    }
}

/// Runs a program for each event.
#[derive(Debug)]
pub(super) struct CommandSink {
    program: Program,
    args: Vec<String>,
    environment: Environment,
    working_directory: Option<PathBuf>,
    endings: Endings,
    timeout: Duration,
}

impl CommandSink {
    fn command(&self, outbound: &Outbound) -> anyhow::Result<Command> {
        self.find_working_directory()?;
        let mut command = Command::new(self.program.find()?);
        command
            .args(&self.args)
            .env_clear()
            .envs(self.environment.for_event(outbound))
            .stdin(Stdio::piped())
            .process_group(0);
        if let Some(directory) = &self.working_directory {
            command.current_dir(directory);
        }
        Ok(command)
    }

    /// Says by its name that the folder is not there: the system would only say that something is
    /// not.
    fn find_working_directory(&self) -> anyhow::Result<()> {
        if let Some(directory) = &self.working_directory {
            ensure!(
                directory.is_dir(),
                "there is no folder {} to work in",
                directory.display()
            );
        }
        Ok(())
    }
}

#[async_trait]
impl Sink for CommandSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let mut input = super::body(outbound).map_err(SinkError::not_now)?;
        // So that `read` in a shell is content, too.
        input.push(b'\n');
        let command = self.command(outbound).map_err(SinkError::not_now)?;
        let limit = self
            .timeout
            .saturating_sub(HEAD_START.min(self.timeout / 10));
        let ended = run(command, &input, limit)
            .await
            .with_context(|| format!("{} cannot be run", self.program))
            .map_err(SinkError::not_now)?;
        self.endings.judge(ended, self.timeout)
    }

    async fn check(&self) -> anyhow::Result<()> {
        self.program.find()?;
        self.find_working_directory()
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        Ok(Rendering::Program {
            program: self.program.to_string(),
            args: self.args.clone(),
            environment: self.environment.shown(outbound),
            input: super::body_text(outbound)?,
        })
    }
}
