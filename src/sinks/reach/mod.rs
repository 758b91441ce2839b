//! Which addresses a sink may call, and how it gets there.

mod address;

mod gate;

mod names;

mod tls;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::bail;
use anyhow::ensure;
use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::Proxy;
use reqwest::Url;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;

use self::gate::Gate;
pub(super) use self::gate::Refused;
pub use self::names::Names;
pub use self::names::SystemNames;
use crate::outgoing;
use crate::outgoing::Address;
use crate::outgoing::peer;
use crate::secret::Secret;

/// How long [`Road::check`] waits for a connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// How a sink reaches what it calls, in the configuration: the same keys for every kind that calls
/// somebody over HTTP.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reach {
    /// Whether it may call what is no address of the internet.
    pub allow_private: bool,

    /// The proxy it goes through; none: it goes by itself.
    pub proxy: Option<Address>,

    /// The authorities whose certificates it trusts, as PEM, in place of the system's.
    pub ca: Option<String>,

    /// The certificate it shows, as PEM.
    pub client_cert: Option<String>,

    /// The key to that certificate, as PEM.
    pub client_key: Option<Secret>,
}

/// The keys of [`Reach`].
pub const KEYS: [&str; 5] = ["allow_private", "proxy", "ca", "client_cert", "client_key"];

/// How a sink goes to what it calls, once the configuration is read.
#[derive(Debug)]
pub(super) struct Road {
    gate: Arc<Gate>,
    proxy: Option<Address>,
}

impl Road {
    /// A road, and a client that keeps to it.
    pub(super) fn build(
        reach: &Reach,
        names: Arc<dyn Names>,
        tune: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> anyhow::Result<(Self, Client)> {
        let gate = Arc::new(Gate {
            is_open: reach.allow_private,
            leads_to_proxy: reach.proxy.is_some(),
            names,
        });
        let client = tune(outgoing::client()).dns_resolver(Arc::clone(&gate));
        let client = tls::certificates(client, reach)?;
        let client = match &reach.proxy {
            Some(address) => client.proxy(proxy(address.expose())?),
            None => client,
        };
        let client = client
            .build()
            .context("its certificates, or the system's, cannot be used")?;
        let proxy = reach.proxy.clone();
        Ok((Self { gate, proxy }, client))
    }

    /// What can be said of an address without looking up a name.
    pub(super) fn admit(&self, url: &Url) -> Result<(), Refused> {
        self.gate.admit(url)
    }

    /// Whom a message names: the host and the port, and the proxy in between.
    pub(super) fn peer(&self, url: &Url) -> String {
        match &self.proxy {
            Some(proxy) => {
                let proxy = peer(proxy.expose());
                format!("{} by way of the proxy {proxy}", peer(url))
            }
            None => peer(url),
        }
    }

    /// Looks whether somebody listens there; where there is a proxy, whether that does.
    pub(super) async fn check(&self, url: &Url) -> anyhow::Result<()> {
        self.admit(url)?;
        let next = self.proxy.as_ref().map_or(url, Address::expose);
        timeout(CHECK_TIMEOUT, self.connect(next))
            .await
            .with_context(|| format!("no connection to {} within 5s", peer(next)))?
            .with_context(|| format!("no connection to {}", peer(next)))
    }

    async fn connect(&self, url: &Url) -> anyhow::Result<()> {
        let port = url.port_or_known_default().unwrap_or_default();
        match url.host() {
            Some(Host::Ipv4(v4)) => TcpStream::connect((v4, port)).await?,
            Some(Host::Ipv6(v6)) => TcpStream::connect((v6, port)).await?,
            Some(Host::Domain(name)) => {
                let mut addresses = self.gate.look_up(name).await?;
                for address in &mut addresses {
                    address.set_port(port);
                }
                TcpStream::connect(&*addresses).await?
            }
            None => bail!("it names no host"),
        };
        Ok(())
    }
}

fn proxy(url: &Url) -> anyhow::Result<Proxy> {
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.host().is_some(),
        "`proxy` is an address like http://proxy.example.com:3128"
    );
    Proxy::all(url.clone()).context("`proxy` cannot be used")
}
