//! Opening a store, and what may stand in the way.

use std::path::PathBuf;
use std::sync::Arc;

use super::Store;
use super::StoreError;
use super::sqlite;

/// Which store, and how much of the machine it may use.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// `sqlite:` and a path.
    pub url: String,
    /// How many events may wait in memory to be written. One more is an error, so that the sender
    /// tries again later.
    pub queue: usize,
    /// How many connections read.
    pub readers: u32,
}

impl OpenOptions {
    /// The store with this URL, and room as it suits most.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            queue: 4096,
            readers: 4,
        }
    }
}

/// Why a store could not be opened, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no kind we know.
    #[error("`{url}` is no store: write `sqlite:` and a path, as in `sqlite:tidings.db`")]
    Url {
        /// As it was given.
        url: String,
    },

    /// Its folder is not there.
    #[error("there is no folder `{}` for the database; create it, or set `store.url` to another place", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },

    /// Its folder or its file may not be written.
    #[error("cannot write `{}`; its folder must be writable too, for the log and the lock beside it", file.display())]
    NotWritable {
        /// What could not be written.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: anyhow::Error,
    },

    /// Another process works on it.
    #[error(
        "`{}` is in use by another Tidings, which holds `{}`; stop that one, or give this one its own database",
        file.display(), lock.display()
    )]
    InUse {
        /// The database.
        file: PathBuf,
        /// The lock file.
        lock: PathBuf,
    },

    /// Something else holds a lock in it.
    #[error("`{}` is locked by another program; close what has it open", file.display())]
    Locked {
        /// The database.
        file: PathBuf,
        /// What the database said.
        #[source]
        cause: anyhow::Error,
    },

    /// The file is something else, or broken.
    #[error("`{}` is no database of Tidings or is damaged ({problem}); move it away, or put back a backup of it", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },

    /// A later version made it.
    #[error(
        "`{}` was last used by Tidings {made_by}, and this is {}; use {made_by} or later, or put back the backup made before that update",
        file.display(), env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// Which version.
        made_by: String,
    },

    /// There is no room for it.
    #[error("the disk takes no more for `{}`; make room, or raise the limit, and start again", file.display())]
    Full {
        /// The database.
        file: PathBuf,
        /// What the database said.
        #[source]
        cause: anyhow::Error,
    },

    /// Anything else.
    #[error("cannot open `{}`", file.display())]
    Other {
        /// The database.
        file: PathBuf,
        /// What the database said.
        #[source]
        cause: anyhow::Error,
    },
}

impl OpenError {
    /// What an error of the database means while opening `file`.
    pub(super) fn from_store(file: PathBuf, error: StoreError) -> Self {
        match error {
            StoreError::Full(cause) => Self::Full { file, cause },
            StoreError::Locked(cause) => Self::Locked { file, cause },
            StoreError::Database(cause) => Self::Other { file, cause },
            other => Self::Other {
                file,
                cause: other.into(),
            },
        }
    }
}

/// Opens the store: brings it to its present form, after a backup where that changes it, and voids
/// the leases that an earlier process left.
pub async fn open(options: OpenOptions) -> Result<Arc<dyn Store>, OpenError> {
    checked(&options.url)?;
    Ok(Arc::new(sqlite::SqliteStore::open(&options).await?))
}

/// The URL, if it is of a kind we know.
pub(super) fn checked(url: &str) -> Result<&str, OpenError> {
    if url.starts_with("sqlite:") {
        Ok(url)
    } else {
        Err(OpenError::Url {
            url: url.to_owned(),
        })
    }
}
