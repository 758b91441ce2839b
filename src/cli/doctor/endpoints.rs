//! What is known of the endpoints beyond their configuration: from the server that runs, else from
//! the database.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde_json::Value;

use super::super::client::Client;
use super::super::client::Query;
use super::report::Report;
use super::server::Server;
use crate::config::Config;
use crate::name::EndpointName;
use crate::store::Look;

/// Each endpoint that something is known of. None: nobody could be asked.
pub(super) type Known = Option<BTreeMap<EndpointName, Endpoint>>;

/// What is known of an endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint {
    /// The names of the secrets that the server has.
    pub(super) secrets: Vec<String>,
    pub(super) last_ping_at: Option<Timestamp>,
}

pub(super) async fn known(
    config: &Config,
    server: Option<&Server>,
    look: Option<&Look>,
    report: &mut Report,
) -> io::Result<Known> {
    match (server, look) {
        (Some(server), _) => match ask(&server.client).await {
            Ok(known) => Ok(Some(known)),
            Err(error) => {
                let advice = "until then, secrets and pings that only it knows are left out";
                report.warning("server", format_args!("{error:#}"), advice)?;
                Ok(None)
            }
        },
        (None, Some(look)) => Ok(Some(in_database(config, look))),
        (None, None) => Ok(None),
    }
}

/// Asks the server.
pub(super) async fn ask(client: &Client) -> anyhow::Result<BTreeMap<EndpointName, Endpoint>> {
    let answer = client.get(&["endpoints"], &Query::new()).await?;
    let rows = answer["data"].as_array().into_iter().flatten();
    Ok(rows.filter_map(endpoint).collect())
}

fn endpoint(row: &Value) -> Option<(EndpointName, Endpoint)> {
    let secrets = row["secrets"].as_array()?.iter();
    let endpoint = Endpoint {
        secrets: secrets
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        last_ping_at: row["last_ping_at"].as_str().and_then(|at| at.parse().ok()),
    };
    Some((row["name"].as_str()?.parse().ok()?, endpoint))
}

fn in_database(config: &Config, look: &Look) -> BTreeMap<EndpointName, Endpoint> {
    let mut known: BTreeMap<EndpointName, Endpoint> = config
        .endpoints
        .iter()
        .map(|endpoint| (endpoint.name.clone(), Endpoint::default()))
        .collect();
    for (name, at) in &look.pings {
        if let Some(endpoint) = known.get_mut(name) {
            endpoint.last_ping_at = Some(*at);
        }
    }
    known
}
