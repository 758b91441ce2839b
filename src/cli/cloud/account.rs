//! `tidings cloud balance`, `me` and `ping`: the account behind the key.

use std::process::ExitCode;

use clap::Args;
use owo_colors::OwoColorize as _;
use serde_json::json;
use tokio::time::Instant;

use super::Gateway;
use crate::cli::Context;
use crate::cli::table::printable;

/// Shows what is left of the balance.
///
/// At zero no task starts any more.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud balance")]
pub(super) struct Balance;

impl Balance {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let balance = gateway.v1().balance().await?;
        if context.output.json {
            context.output.json(&balance)?;
        } else {
            context
                .output
                .line(printable(&in_dollars(&balance.balance)))?;
        }
        Ok(())
    }
}

/// Cents as people write them; what is no number as it is.
fn in_dollars(cents: &str) -> String {
    match cents.parse::<f64>() {
        Ok(number) => format!("{:.2} USD", number / 100.0),
        Err(_) => cents.to_owned(),
    }
}

/// Says whether Browser Use takes the server's key; exit code 1 if not.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud me")]
pub(super) struct Me;

impl Me {
    pub(super) async fn run(
        self,
        context: &Context,
        gateway: &Gateway,
    ) -> anyhow::Result<ExitCode> {
        let is_good = gateway.v1().me().await?;
        if context.output.json {
            context.output.json(&json!({ "key_is_good": is_good }))?;
        } else if is_good {
            let good = "Browser Use takes the server's key";
            context.output.line(good.green())?;
        } else {
            let bad = "Browser Use does not take the server's key";
            context.output.line(bad.red())?;
        }
        Ok(if is_good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Says whether Browser Use answers, and how fast.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud ping")]
pub(super) struct Ping;

impl Ping {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let asked = Instant::now();
        gateway.v1().ping().await?;
        let took = asked.elapsed().as_millis();
        if context.output.json {
            context.output.json(&json!({ "duration_ms": took }))?;
        } else {
            let answer = format_args!("Browser Use answers, after {took} ms");
            context.output.line(answer)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_told_in_dollars() {
        assert_eq!(in_dollars("1234"), "12.34 USD");
        assert_eq!(in_dollars("0.5"), "0.01 USD");
        assert_eq!(in_dollars("plenty"), "plenty");
    }
}
