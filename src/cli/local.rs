//! The database file itself, for the few commands that must work where no server runs.

use std::sync::Arc;

use super::Context;
use super::client::Unreachable;
use crate::store;
use crate::store::OpenOptions;
use crate::store::Store;

/// Whether the file may be opened instead: nobody named a server, and none runs here.
pub(super) fn may_stand_in(context: &Context, error: &anyhow::Error) -> bool {
    error.is::<Unreachable>() && matches!(context.server(), Ok(None))
}

/// Opens the database of the configuration here. Should a server hold it after all, the lock beside
/// it keeps us out.
pub(super) async fn open(context: &Context) -> anyhow::Result<Arc<dyn Store>> {
    let config = context.load()?.config;
    Ok(store::open(OpenOptions::new(config.store.url)).await?)
}
