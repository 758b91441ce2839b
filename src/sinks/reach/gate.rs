//! Lets a sink through to where it may go, and nowhere else.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use url::Host;

use super::Names;
use super::address::private;

/// An address that a sink may not call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; set `allow_private = true` on this sink if it may be called")]
pub(in crate::sinks) struct Refused {
    what: String,
}

impl Refused {
    fn because(what: impl fmt::Display) -> Self {
        let what = what.to_string();
        Self { what }
    }
}

/// Lets a sink through to where it may go.
///
/// It stands where connections are made: a name is looked up here once, and the connection goes to
/// an address that was looked at here. Nobody looks the name up again in between, so what it leads to
/// cannot change in between either.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) is_open: bool,
    /// Whether the names that are looked up here are those of a proxy, which the configuration
    /// names and which finds everything else.
    pub(super) leads_to_proxy: bool,
    pub(super) names: Arc<dyn Names>,
}

impl Gate {
    /// What can be said of an address by looking at it: no name is looked up.
    pub(super) fn admit(&self, url: &Url) -> Result<(), Refused> {
        if self.is_open {
            return Ok(());
        }
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(name)) if is_this_machine(name) => {
                return Err(Refused::because(format_args!(
                    "`{name}` is this machine itself"
                )));
            }
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        match private(address) {
            Some(private) => Err(Refused::because(format_args!("it leads to {private}"))),
            None => Ok(()),
        }
    }

    /// The addresses behind a name to which a connection may be made.
    pub(super) async fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        let mut addresses = self.names.look_up(name).await?;
        if self.is_open || self.leads_to_proxy {
            return Ok(addresses);
        }
        let mut refused = None;
        addresses.retain(|address| match private(address.ip()) {
            Some(private) => {
                refused = Some(private);
                false
            }
            None => true,
        });
        match refused {
            Some(private) if addresses.is_empty() => {
                let refused = Refused::because(format_args!("`{name}` leads to {private}"));
                Err(io::Error::new(io::ErrorKind::PermissionDenied, refused))
            }
            _ => Ok(addresses),
        }
    }
}

/// `localhost` and whatever is below it are this machine, whoever is asked (RFC 6761).
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = self.clone();
        Box::pin(async move {
            let addresses = gate.look_up(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// A name that leads elsewhere each time.
    #[derive(Debug)]
    struct Changing(Mutex<Vec<Vec<IpAddr>>>);

    #[async_trait]
    impl Names for Changing {
        async fn look_up(&self, _: &str) -> io::Result<Vec<SocketAddr>> {
            let next = self.0.lock().unwrap().remove(0);
            Ok(next.into_iter().map(|ip| (ip, 0).into()).collect())
        }
    }

    fn gate(answers: &[&[&str]]) -> Gate {
        let read = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Gate {
            is_open: false,
            leads_to_proxy: false,
            names: Arc::new(Changing(Mutex::new(answers.iter().map(read).collect()))),
        }
    }

    /// Where a connection to this name would go.
    async fn leads(gate: &Gate) -> Result<Vec<String>, String> {
        let found = gate.resolve("backend.example.com".parse().unwrap()).await;
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn each_connection_goes_where_its_own_look_up_led() {
        let gate = gate(&[&["1.1.1.1"], &["127.0.0.1"], &["1.0.0.1"]]);
        assert_eq!(leads(&gate).await.unwrap(), ["1.1.1.1"]);
        let refused = leads(&gate).await.unwrap_err();
        assert!(refused.contains("leads to 127.0.0.1"), "{refused}");
        assert_eq!(leads(&gate).await.unwrap(), ["1.0.0.1"]);
    }

    #[tokio::test]
    async fn of_several_addresses_only_those_of_the_internet_are_called() {
        let gate = gate(&[&["10.0.0.7", "1.1.1.1", "::1"], &["10.0.0.7", "::1"]]);
        assert_eq!(leads(&gate).await.unwrap(), ["1.1.1.1"]);
        leads(&gate).await.unwrap_err();
    }

    #[tokio::test]
    async fn an_open_gate_lets_everything_through() {
        let gate = Gate {
            is_open: true,
            ..gate(&[&["10.0.0.7"]])
        };
        assert_eq!(leads(&gate).await.unwrap(), ["10.0.0.7"]);
    }
}
