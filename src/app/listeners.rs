//! Where connections come in.

use std::io;
use std::net::SocketAddr;

use anyhow::Context as _;
use anyhow::anyhow;
use tokio::net::TcpListener;

use crate::config::Server;

/// Where connections come in. They are made before the app, so a test can take free ports and a
/// port that is taken stops nothing that runs.
#[derive(Debug)]
pub struct Listeners {
    /// What Browser Use reaches.
    pub public: TcpListener,
    /// What operators reach, where that is apart.
    pub admin: Option<TcpListener>,
}

impl Listeners {
    /// Listens where the configuration says.
    pub async fn bind(server: &Server) -> anyhow::Result<Self> {
        Ok(Self {
            public: bind(server.listen, "server.listen").await?,
            admin: match server.admin_listen {
                Some(address) => Some(bind(address, "server.admin_listen").await?),
                None => None,
            },
        })
    }

    /// Where Browser Use reaches us; with port 0 in the configuration, this has the real one.
    pub fn public_address(&self) -> io::Result<SocketAddr> {
        self.public.local_addr()
    }

    /// Where operators reach us.
    pub fn admin_address(&self) -> io::Result<SocketAddr> {
        self.admin.as_ref().unwrap_or(&self.public).local_addr()
    }
}

async fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| {
            let advice = match error.kind() {
                io::ErrorKind::AddrInUse => format!(
                    "another program listens there: stop it, or set `{key}` to another port"
                ),
                io::ErrorKind::AddrNotAvailable => {
                    format!("this machine has no such address: set `{key}` to one it has")
                }
                io::ErrorKind::PermissionDenied => {
                    format!("ports below 1024 need rights: set `{key}` to a higher one")
                }
                _ => format!("see `{key}`"),
            };
            anyhow!(error).context(advice)
        })
        .with_context(|| format!("cannot listen on {address}"))
}
