//! When the vendor's test ping came, and waiting for the next.

use std::io;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::signal::ctrl_c;
use tokio::time::interval;

use super::super::client::Client;
use super::super::output::Output;
use super::endpoints;
use super::endpoints::Known;
use super::report::Report;
use super::server::Server;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::name::EndpointName;
use crate::period;

const CHECK: &str = "ping";

/// How often the server is asked while we wait.
const EVERY: Duration = Duration::from_secs(2);

/// A ping this young is the one that is waited for: somebody was quicker than we.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

const REGISTER: &str = "register the webhook at Browser Use, which sends one to see whether you \
                        can be reached";

/// Tells when the last one came.
pub(super) fn check(known: &Known, report: &mut Report) -> io::Result<()> {
    let now = SystemClock.now();
    for (name, endpoint) in known.iter().flatten() {
        let Some(at) = endpoint.last_ping_at else {
            let found = format!("none ever came for endpoint `{name}`");
            report.warning(CHECK, found, REGISTER)?;
            continue;
        };
        let ago = period::rough(now.duration_since(at).unsigned_abs());
        let found = format!("the last for endpoint `{name}` came {ago} ago");
        report.ok(CHECK, found)?;
    }
    Ok(())
}

/// Waits for the next one, or for Ctrl-C.
pub(super) async fn wait(
    server: Option<&Server>,
    known: &Known,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (Some(server), Some(_)) = (server, known) else {
        let advice = "start one with `tidings serve`, or name it with --server and --token";
        report.problem(CHECK, "there is no server to ask whether one comes", advice)?;
        return Ok(());
    };
    let output = report.output;
    output.note("Waiting for the test ping; register the webhook now. Ctrl-C ends this.");
    let came = tokio::select! {
        came = arrival(&server.client, output) => Some(came?),
        interrupted = ctrl_c() => {
            interrupted?;
            None
        }
    };
    output.progress("");
    if let Some(name) = came {
        report.ok(CHECK, format_args!("one came for endpoint `{name}`"))?;
    } else {
        let advice = "see that the address which you registered leads here: its /livez must \
                      answer from outside";
        report.problem(CHECK, "none came", advice)?;
    }
    Ok(())
}

/// The endpoint for which one came.
async fn arrival(client: &Client, output: Output) -> anyhow::Result<EndpointName> {
    let begun = SystemClock.now();
    let mut ticks = interval(EVERY);
    loop {
        ticks.tick().await;
        let known = endpoints::ask(client).await?;
        let is_new = |at: Timestamp| at >= begun.saturating_sub(JUST_NOW).unwrap_or(begun);
        let came = known
            .into_iter()
            .find(|(_, endpoint)| endpoint.last_ping_at.is_some_and(is_new));
        if let Some((name, _)) = came {
            return Ok(name);
        }
        let waited = period::rough(SystemClock.now().duration_since(begun).unsigned_abs());
        output.progress(format_args!("… none yet after {waited}"));
    }
}
