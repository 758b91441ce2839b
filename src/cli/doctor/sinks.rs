//! Whether each sink could take something.
//!
//! Where a server runs, it looks itself: two that open the same file would get into each other's
//! way, and it may reach what we do not.

use std::io;

use reqwest::Method;

use super::report::Report;
use super::server::Server;
use crate::app;
use crate::config::Config;

const CHECK: &str = "sink";

pub(super) async fn check(
    config: &Config,
    server: Option<&Server>,
    is_free: bool,
    report: &mut Report,
) -> io::Result<()> {
    if config.sinks.is_empty() {
        let advice = "events are kept and can be read; set TIDINGS_SINK_URL, or write a `[[sink]]`";
        return report.warning(CHECK, "there is none, so nothing is delivered", advice);
    }
    match server {
        Some(server) => by_server(config, server, report).await,
        None if is_free => by_ourselves(config, report).await,
        None => report.warning(
            CHECK,
            "not looked at, because the database is not free and no server can be asked",
            "see above",
        ),
    }
}

async fn by_server(config: &Config, server: &Server, report: &mut Report) -> io::Result<()> {
    for sink in &config.sinks {
        let name = &sink.common.name;
        let path = ["sinks", name.as_str(), "check"];
        match server.client.send_json(Method::POST, &path, None).await {
            Ok(answer) => {
                let error = answer["error"].as_str().map(str::to_owned);
                tell(name.as_str(), error, report)?;
            }
            Err(error) => report.warning(
                CHECK,
                format_args!("the server does not say how `{name}` is ({error:#})"),
                "if it does not know it, restart it with this configuration",
            )?,
        }
    }
    Ok(())
}

async fn by_ourselves(config: &Config, report: &mut Report) -> io::Result<()> {
    match app::try_sinks(config).await {
        Ok(outcomes) => outcomes.into_iter().try_for_each(|(name, outcome)| {
            let error = outcome.err().map(|error| format!("{error:#}"));
            tell(name.as_str(), error, report)
        }),
        Err(error) => report.problem(CHECK, format_args!("{error:#}"), "mend the configuration"),
    }
}

fn tell(name: &str, error: Option<String>, report: &mut Report) -> io::Result<()> {
    match error {
        None => report.ok(CHECK, format_args!("`{name}` could take an event now")),
        Some(error) => report.problem(
            CHECK,
            format_args!("`{name}` could not take an event now: {error}"),
            "what is owed to it is kept and tried again; `tidings sinks test` tries it at once",
        ),
    }
}
