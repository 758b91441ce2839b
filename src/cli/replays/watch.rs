//! Watching a replay to its end.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::cli::Context;
use crate::cli::client::Client;
use crate::cli::client::Query;
use crate::cli::output::Output;
use crate::cli::table;

/// How often to ask how it goes.
const PAUSE: Duration = Duration::from_millis(200);

/// How wide the bar is.
const WIDTH: usize = 24;

/// The exit code after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Shows a replay until it has ended, and as it is then. Whoever goes away does not end it.
pub(super) async fn watch(
    context: &Context,
    client: &Client,
    replay: Value,
) -> anyhow::Result<ExitCode> {
    let id = replay["id"].as_str().unwrap_or_default().to_owned();
    tokio::select! {
        ended = until_it_ends(context.output, client, replay) => {
            let ended = ended?;
            table::show(context.output, &ended)?;
            let is_well = ended["state"] == "done" && ended["dead"] == 0;
            Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        // A failure to listen for Ctrl-C means that it ends the process by itself.
        Ok(()) = tokio::signal::ctrl_c() => {
            context.output.progress("");
            context.output.note(format_args!(
                "It goes on without you: see `tidings replays show {id}`, or end it with \
                 `tidings replays cancel {id}`"
            ));
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

async fn until_it_ends(
    output: Output,
    client: &Client,
    mut replay: Value,
) -> anyhow::Result<Value> {
    let id = replay["id"].as_str().unwrap_or_default().to_owned();
    while replay["finished_at"].is_null() {
        output.progress(told(&replay));
        sleep(PAUSE).await;
        replay = client.get(&["replays", &id], &Query::new()).await?;
    }
    output.progress("");
    Ok(replay)
}

/// How far it has come.
fn told(replay: &Value) -> String {
    let thousandths = replay["progress"].as_f64().map_or(0, thousandths);
    let full = WIDTH * thousandths / 1000;
    format!(
        "{:█<full$}{:░<rest$} {:3} %  {} delivered, {} pending, {} dead",
        "",
        "",
        thousandths / 10,
        replay["delivered"],
        replay["pending"],
        replay["dead"],
        rest = WIDTH - full,
    )
}

/// A share from 0 to 1 in thousandths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is clamped to what fits"
)]
fn thousandths(share: f64) -> usize {
    (share * 1000.0).clamp(0.0, 1000.0) as usize
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bar_fills_as_a_replay_goes_on() {
        let at = |progress: f64| {
            told(&json!({"progress": progress, "delivered": 12, "pending": 3, "dead": 0}))
        };
        insta::assert_snapshot!(at(0.0), @"░░░░░░░░░░░░░░░░░░░░░░░░   0 %  12 delivered, 3 pending, 0 dead");
        insta::assert_snapshot!(at(0.5), @"████████████░░░░░░░░░░░░  50 %  12 delivered, 3 pending, 0 dead");
        insta::assert_snapshot!(at(1.0), @"████████████████████████ 100 %  12 delivered, 3 pending, 0 dead");
    }
}
