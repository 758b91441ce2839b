//! Why the store could not do as asked.

/// Why the store could not do as asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More is waiting to be stored than fits in memory.
    #[error("too much is waiting to be stored")]
    Overloaded,

    /// The disk is full, or a quota or limit is reached.
    #[error("the disk takes no more")]
    Full(#[source] anyhow::Error),

    /// Another process holds the database.
    #[error("the database is locked by another process")]
    Locked(#[source] anyhow::Error),

    /// The store has been closed.
    #[error("the store is closed")]
    Closed,

    /// Anything else the database said.
    #[error("the database failed")]
    Database(#[source] anyhow::Error),
}

impl StoreError {
    /// The same error for another who waited for the same transaction.
    pub(super) fn share(&self) -> Self {
        let again = |cause: &anyhow::Error| anyhow::anyhow!("{cause:#}");
        match self {
            Self::Overloaded => Self::Overloaded,
            Self::Full(cause) => Self::Full(again(cause)),
            Self::Locked(cause) => Self::Locked(again(cause)),
            Self::Closed => Self::Closed,
            Self::Database(cause) => Self::Database(again(cause)),
        }
    }

    /// Whether one of the things asked for may be at fault, rather than the disk or a lock, which
    /// would fail the others just the same.
    pub(super) fn may_be_one_alone(&self) -> bool {
        matches!(self, Self::Database(_))
    }
}
