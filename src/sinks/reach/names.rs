//! Where names lead.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;
use tokio::net::lookup_host;

/// Knows where names lead. Tests bring names of their own.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// The addresses of a host. Their ports mean nothing.
    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>>;
}

/// The names that the system knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, 0)).await?.collect())
    }
}
