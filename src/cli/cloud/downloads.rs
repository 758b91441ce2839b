//! `tidings cloud gif` and `logs`: what a task leaves behind that `tidings tasks` does not have.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use reqwest::Url;
use serde::Serialize;

use super::Gateway;
use crate::cli::Context;
use crate::cli::save::save;
use crate::outgoing;
use crate::outgoing::no_answer;

/// Shows where an animation of a v1 task is, once the task has ended.
///
/// The address lives minutes, and opens it for anybody.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings cloud gif 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 -o task.gif"
)]
pub(super) struct Gif {
    /// The task's id.
    id: String,

    #[command(flatten)]
    download: Download,
}

/// Shows where the log of a v2 task is.
///
/// The address lives minutes, and opens it for anybody.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud logs 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 -o -")]
pub(super) struct Logs {
    /// The task's id.
    id: String,

    #[command(flatten)]
    download: Download,
}

/// What to do with an address.
#[derive(Debug, Args)]
struct Download {
    /// Put what is there into this file, which must be new; `-` is the standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Gif {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let gif = gateway.v1().gif(&self.id).await?;
        let Some(address) = &gif.gif else {
            bail!("there is no animation of the task {}", self.id);
        };
        self.download.run(context, &gif, address).await
    }
}

impl Logs {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let log = gateway.v2().logs(&self.id).await?;
        self.download.run(context, &log, &log.download_url).await
    }
}

impl Download {
    /// Shows the address, or fetches what is there. It carries its own permission, and no message
    /// shows it.
    async fn run(
        self,
        context: &Context,
        answer: &impl Serialize,
        address: &str,
    ) -> anyhow::Result<()> {
        let output = context.output;
        let Some(file) = self.output else {
            return Ok(output.word(answer, address)?);
        };
        let Ok(url) = Url::parse(address) else {
            bail!("what Browser Use gave is no address");
        };
        let peer = outgoing::peer(&url);
        let sent = outgoing::client().build()?.get(url).send().await;
        let response = match sent {
            Ok(response) if response.status().is_success() => response,
            Ok(response) => bail!("{peer} does not give it ({})", response.status()),
            Err(error) => bail!(no_answer(&error, &peer)),
        };
        save(output, response, &file).await
    }
}
