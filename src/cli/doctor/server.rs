//! Whether a server runs, and if none does, whether one could have the port.

use std::io;

use jiff::Zoned;
use reqwest::StatusCode;
use serde_json::Value;

use super::super::Context;
use super::super::client::Client;
use super::super::client::Readiness;
use super::super::client::Unreachable;
use super::report::Report;
use crate::app::Listeners;
use crate::config::Config;

const CHECK: &str = "server";

/// A server that runs.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) client: Client,
    /// What time it is there, to the second.
    pub(super) date: Option<Zoned>,
}

/// The server that runs, if one does.
pub(super) async fn check(
    context: &Context,
    config: &Config,
    report: &mut Report,
) -> io::Result<Option<Server>> {
    let client = match Client::new(context) {
        Ok(client) => client,
        Err(error) => {
            let advice = "until then only what needs no server is checked";
            report.warning(CHECK, format_args!("{error:#}"), advice)?;
            return Ok(None);
        }
    };
    match client.ready().await {
        Ok(ready) if is_tidings(&ready) => {
            tell_ready(&client, &ready, report)?;
            Ok(Some(Server {
                client,
                date: ready.date,
            }))
        }
        Ok(ready) => {
            let found = format!(
                "what answers at {} is no Tidings ({})",
                client.server, ready.status
            );
            let advice = "stop it, set `server.listen` to another port, or name the address of \
                          the API with --server";
            report.problem(CHECK, found, advice)?;
            Ok(None)
        }
        Err(error)
            if error.is::<Unreachable>() && context.server().is_ok_and(|it| it.is_none()) =>
        {
            ports(config, report).await?;
            Ok(None)
        }
        Err(error) => {
            let advice = "start it, or name another with --server or TIDINGS_URL";
            report.problem(CHECK, format_args!("{error:#}"), advice)?;
            Ok(None)
        }
    }
}

/// `/readyz` says `ok`, or why not, in words of its own.
fn is_tidings(ready: &Readiness) -> bool {
    let body: Value = serde_json::from_slice(&ready.body).unwrap_or_default();
    match ready.status {
        StatusCode::OK => body["status"] == "ok",
        StatusCode::SERVICE_UNAVAILABLE => body["type"].is_string(),
        _ => false,
    }
}

fn tell_ready(client: &Client, ready: &Readiness, report: &mut Report) -> io::Result<()> {
    let server = &client.server;
    if ready.status == StatusCode::OK {
        return report.ok(CHECK, format_args!("runs at {server} and is ready"));
    }
    let body: Value = serde_json::from_slice(&ready.body).unwrap_or_default();
    let why = body["detail"].as_str().unwrap_or("it does not say why");
    let found = format!("runs at {server} and is not ready: {why}");
    report.problem(CHECK, found, "read its log")
}

/// Nobody answers: could a server listen there?
async fn ports(config: &Config, report: &mut Report) -> io::Result<()> {
    match Listeners::bind(&config.server).await {
        Ok(_free) => {
            let listen = config.server.listen;
            let admin = config.server.admin_listen;
            let and = admin.map_or_else(String::new, |admin| format!(" and {admin}"));
            report.ok(
                CHECK,
                format_args!("none runs; {listen}{and} is free for `tidings serve`"),
            )
        }
        Err(error) => report.problem(
            CHECK,
            format_args!("none runs, and none could: {error:#}"),
            "mend this, then run `tidings serve`",
        ),
    }
}
