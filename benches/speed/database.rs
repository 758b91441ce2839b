//! Databases of the bench's own making.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tidings::store;
use tidings::store::OpenOptions;
use tidings::store::Store;

/// The name of the file.
pub(crate) const FILE: &str = "tidings.db";

/// Opens the database in `folder`.
pub(crate) async fn open(folder: &Path) -> anyhow::Result<Arc<dyn Store>> {
    let url = format!("sqlite:{}", folder.join(FILE).display());
    Ok(store::open(OpenOptions::new(url)).await?)
}

/// How large the database in `folder` is, in bytes. Closed, it is all in one file.
pub(crate) fn size(folder: &Path) -> anyhow::Result<u64> {
    let file = folder.join(FILE);
    let size = fs::metadata(&file).with_context(|| format!("no {}", file.display()))?;
    Ok(size.len())
}
