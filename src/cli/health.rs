//! `tidings health`: for the image and for scripts.

use std::process::ExitCode;

use clap::Args;
use reqwest::StatusCode;
use serde_json::Value;

use super::Context;
use super::client::Client;
use super::table;

/// Asks a running server whether it is ready; exit code 1 if not.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings health --server http://127.0.0.1:8080")]
pub(super) struct Health {}

impl Health {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let ready = Client::new(context)?.ready().await?;
        if let Ok(answer) = serde_json::from_slice::<Value>(&ready.body) {
            table::show(context.output, &answer)?;
        }
        Ok(match ready.status {
            StatusCode::OK => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}
