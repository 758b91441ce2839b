//! `tidings tasks media`, `screenshots` and `output-file`: what a task leaves behind.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::output::Output;
use crate::cli::save::save;
use crate::cli::table::printable;

/// Shows where recordings of a task are, once it has ended.
///
/// The addresses live minutes, and open them for anybody.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings tasks media 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45")]
pub(super) struct Media {
    /// The id of a task.
    id: String,
}

/// Shows where screenshots of a task are, as soon as they are taken.
///
/// The addresses open them for anybody, for minutes; those of kept ones for some days.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks screenshots 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
)]
pub(super) struct Screenshots {
    /// The id of a task.
    id: String,
}

/// Prints a file that a task made, or puts it into a file.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings tasks output-file 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 \\\n    \
                  prices.csv -o prices.csv"
)]
pub(super) struct OutputFile {
    /// The id of a task.
    id: String,

    /// The file's name.
    name: String,

    /// Put it into this file, which must be new; else it goes to the standard output.
    #[arg(
        long,
        short,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    output: PathBuf,
}

impl Media {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "media"];
        let media = client.get(&path, &Query::new()).await?;
        addresses(context.output, client, &media, "recordings")
    }
}

impl Screenshots {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "screenshots"];
        let shots = client.get(&path, &Query::new()).await?;
        addresses(context.output, client, &shots, "screenshots")
    }
}

impl OutputFile {
    pub(super) async fn run(self, context: &Context, client: &Client) -> anyhow::Result<()> {
        let path = ["tasks", &self.id, "output-files", &self.name];
        let query = [("download".to_owned(), "true".to_owned())].into();
        let file = client.open(&path, &query).await?;
        save(context.output, file, &self.output).await
    }
}

/// Prints addresses, one on a line. Those of the server itself may begin with their path.
fn addresses(output: Output, client: &Client, answer: &Value, what: &str) -> anyhow::Result<()> {
    if output.json {
        return Ok(output.json(answer)?);
    }
    let all = answer[what].as_array().map_or(&[][..], Vec::as_slice);
    if all.is_empty() {
        output.note(format_args!("there are no {what}"));
    }
    for address in all.iter().filter_map(Value::as_str) {
        if address.starts_with('/') {
            let server = client.server.as_str().trim_end_matches('/');
            output.line(printable(&format!("{server}{address}")))?;
        } else {
            output.line(printable(address))?;
        }
    }
    Ok(())
}
