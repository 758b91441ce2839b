//! `tidings config`: checks and shows what the operator decided.

use std::process::ExitCode;

use clap::Args;
use clap::Subcommand;
use serde_json::Value;
use serde_json::json;

use super::Context;
use super::table;
use crate::app;
use crate::config::EXAMPLE;
use crate::telemetry;

/// Checks the configuration, shows what is in force, or prints the example.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings config check --config tidings.toml")]
pub(super) struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says whether the configuration is right; exit code 1 if not.
    #[command(after_help = "Example:\n  tidings config check --config tidings.toml")]
    Check,

    /// Shows every key in force, secrets masked, and where it came from.
    #[command(after_help = "Example:\n  tidings config show")]
    Show,

    /// Prints a configuration with every key, its default and a sentence.
    #[command(after_help = "Example:\n  tidings config example > tidings.toml")]
    Example,
}

impl Config {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Check => check(context)?,
            Command::Show => show(context)?,
            Command::Example => context.output.bytes(EXAMPLE.as_bytes())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check(context: &Context) -> anyhow::Result<()> {
    let loaded = context.load()?;
    app::check_sinks(&loaded.config)?;
    telemetry::check(&loaded.config.log.filter)?;
    let read = match &loaded.file {
        Some(file) => file.display().to_string(),
        None => "no file; the defaults and the environment".to_owned(),
    };
    let remarks = loaded.remarks();
    if context.output.json {
        context
            .output
            .json(&json!({"right": true, "file": loaded.file, "remarks": remarks}))?;
        return Ok(());
    }
    context.output.line(format_args!("right: {read}"))?;
    for remark in remarks {
        context.output.line(format_args!("note: {remark}"))?;
    }
    Ok(())
}

fn show(context: &Context) -> anyhow::Result<()> {
    let rows: Vec<Value> = context
        .load()?
        .shown()
        .into_iter()
        .map(|row| {
            json!({
                "key": row.key,
                "value": row.value,
                "from": row.origin.to_string(),
            })
        })
        .collect();
    let columns = [("KEY", "/key"), ("VALUE", "/value"), ("FROM", "/from")];
    table::list(context.output, &columns, &rows)?;
    Ok(())
}
