//! The log: to the standard error, as lines for people or as JSON for programs.
//!
//! What it may hold, and how its fields are called, says `docs/logging.md`.

use std::io;
use std::io::IsTerminal as _;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// Says whether a filter can be read.
pub fn check(filter: &str) -> anyhow::Result<()> {
    parse(filter).map(drop)
}

/// Sends the log of this process to the standard error. Call it once.
pub fn start(filter: &str, format: Format) -> anyhow::Result<()> {
    let filter = parse(filter)?;
    let lines = fmt::layer().with_writer(io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        Format::Text => registry
            .with(lines.with_ansi(io::stderr().is_terminal()))
            .try_init(),
        Format::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .context("the log was started before")
}

fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::builder().parse(filter).with_context(|| {
        format!("TIDINGS_LOG is \"{filter}\": write `info`, or `warn,tidings=debug`")
    })
}
