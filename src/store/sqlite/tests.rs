//! The laws, on SQLite.

use std::sync::Arc;

use async_trait::async_trait;

use crate::store::OpenOptions;
use crate::store::Store;
use crate::store::conformance::Backend;
use crate::store::conformance::laws;
use crate::store::open;

/// A database in a folder of its own, which goes with it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

#[async_trait]
impl Backend for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        let file = self.0.path().join("tidings.db");
        let options = OpenOptions::new(format!("sqlite:{}", file.display()));
        open(options).await.unwrap()
    }
}

laws!(Folder::new());
