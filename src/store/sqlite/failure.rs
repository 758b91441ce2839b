//! What SQLite's errors mean to us.

use crate::store::StoreError;

/// SQLite's result codes, without what the upper bytes add.
pub(super) const BUSY: i64 = 5;
pub(super) const LOCKED: i64 = 6;
pub(super) const CORRUPT: i64 = 11;
pub(super) const FULL: i64 = 13;
pub(super) const NOT_A_DATABASE: i64 = 26;

/// With its upper byte: a write failed, and not for want of room on the disk. A quota or a limit on
/// the size of files ends like this.
const UNWRITABLE: i64 = 778;

/// The result code behind an error, if the database gave one.
pub(super) fn code(error: &sqlx::Error) -> Option<i64> {
    let code: i64 = error.as_database_error()?.code()?.parse().ok()?;
    match code {
        UNWRITABLE => Some(FULL),
        code => Some(code & 0xff),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            Some(FULL) => Self::Full(error.into()),
            Some(BUSY | LOCKED) => Self::Locked(error.into()),
            _ if matches!(error, sqlx::Error::PoolClosed) => Self::Closed,
            _ => Self::Database(error.into()),
        }
    }
}
