//! The laws, on SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;

use super::SqliteStore;
use crate::store::OpenOptions;
use crate::store::Store;
use crate::store::conformance::Backend;
use crate::store::conformance::laws;
use crate::store::open;

/// The store in a folder, for tests that look inside it.
pub(super) async fn store(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(&options(folder)).await.unwrap()
}

fn options(folder: &TempDir) -> OpenOptions {
    let file = folder.path().join("tidings.db");
    OpenOptions::new(format!("sqlite:{}", file.display()))
}

/// A database in a folder of its own, which goes with it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

#[async_trait]
impl Backend for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        open(options(&self.0)).await.unwrap()
    }
}

laws!(Folder::new());
