//! What is known of endpoints beyond their configuration.

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::name::EndpointName;
use crate::secret::NamedSecret;

/// What is known of an endpoint beyond its configuration.
#[async_trait]
pub trait Endpoints: std::fmt::Debug + Send + Sync {
    /// The secrets given to endpoints while the server ran.
    async fn secrets(&self) -> Result<Vec<(EndpointName, NamedSecret)>, StoreError>;

    /// Gives an endpoint a secret, in place of one with the same name.
    async fn set_secret(
        &self,
        endpoint: &EndpointName,
        secret: &NamedSecret,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Remembers that the vendor's test ping came.
    async fn record_ping(&self, endpoint: &EndpointName, at: Timestamp) -> Result<(), StoreError>;

    /// When the last test ping came, by endpoint.
    async fn pings(&self) -> Result<Vec<(EndpointName, Timestamp)>, StoreError>;
}
