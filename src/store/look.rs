//! Looking into a store that nobody has open, without changing it.

use std::path::PathBuf;

use jiff::Timestamp;

use super::OpenError;
use super::open::checked;
use super::sqlite;
use crate::name::EndpointName;
use crate::secret::NamedSecret;

/// What stands in a store.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Whether an earlier version made it: then the next start brings it to its present form.
    pub is_older: bool,
    /// The secrets given to endpoints while a server ran.
    pub secrets: Vec<(EndpointName, NamedSecret)>,
    /// When the last test ping came, by endpoint.
    pub pings: Vec<(EndpointName, Timestamp)>,
}

/// The file that a store with this URL is in.
pub fn file(url: &str) -> Result<PathBuf, OpenError> {
    sqlite::file(checked(url)?)
}

/// Looks into the store with this URL. None: there is none yet.
pub async fn look(url: &str) -> Result<Option<Look>, OpenError> {
    sqlite::look(checked(url)?).await
}
