//! `[server]`: where we listen, and what a request may cost.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;
use url::Url;

/// Where we listen, and what a request may cost.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where Browser Use reaches us, and the API too unless `admin_listen` is given. Port 0 takes
    /// a free one.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,

    /// A port of its own for the API.
    #[serde(deserialize_with = "some_address")]
    pub admin_listen: Option<SocketAddr>,

    /// Where the world reaches us, for links.
    pub public_url: Option<Url>,

    /// Where the API is reached, for links, if that is elsewhere.
    pub admin_url: Option<Url>,

    /// Networks whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,

    /// The largest body we read, in bytes.
    pub max_body_bytes: usize,

    /// How long a client may take to send a request's headers.
    #[serde(with = "crate::period")]
    pub header_timeout: Duration,

    /// How long a client may take to send a request's body.
    #[serde(with = "crate::period")]
    pub read_timeout: Duration,

    /// How many connections are open at once; further ones wait.
    pub max_connections: usize,

    /// How many webhooks are worked on at once; senders of further ones are told to come again.
    pub max_concurrent: usize,

    /// How long stopping may take: what is being delivered by then is given back.
    #[serde(with = "crate::period")]
    pub grace: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: None,
            public_url: None,
            admin_url: None,
            trusted_proxies: Vec::new(),
            max_body_bytes: 262_144,
            header_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            max_connections: 1024,
            max_concurrent: 512,
            // Docker kills after 10 s; a stop that is cut off there would lose no event, but would
            // send some twice.
            grace: Duration::from_secs(8),
        }
    }
}

impl Server {
    /// Where the API is reached from elsewhere, as far as somebody said. Where it has a port of its
    /// own, `public_url` leads to the other one.
    #[must_use]
    pub fn api_url(&self) -> Option<&Url> {
        let public_url = self.public_url.as_ref();
        let shared = public_url.filter(|_| self.admin_listen.is_none());
        self.admin_url.as_ref().or(shared)
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(|_unreadable| {
            D::Error::custom("expected an IP address and a port, like \"127.0.0.1:8080\"")
        })
}

fn some_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    address(deserializer).map(Some)
}

/// Networks, or single addresses.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            text.parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_unreadable| {
                    D::Error::custom("expected networks, like \"10.0.0.0/8\", or addresses")
                })
        })
        .collect()
}
