//! One process on a database file.
//!
//! SQLite lets several processes write, one after the other. Ours may not: leases found at the
//! start are void, times are made monotone in memory, and numbers are given out without asking.

use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::store::OpenError;

/// The lock beside a database, held until this is dropped. The system lets go of it when the
/// process ends, however it ends; the file stays, and means nothing by itself.
#[derive(Debug)]
pub(super) struct FileLock {
    _held: File,
}

impl FileLock {
    /// Takes the lock of the database `file`, or says who cannot have it.
    pub(super) fn take(file: &Path) -> Result<Self, OpenError> {
        let lock = beside(file, ".lock");
        let held = private_file(&lock).map_err(|error| refusal(file, &lock, error))?;
        match held.try_lock() {
            Ok(()) => Ok(Self { _held: held }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                file: file.to_owned(),
                lock,
            }),
            Err(TryLockError::Error(error)) => Err(refusal(file, &lock, error)),
        }
    }
}

/// Opens a file for writing, and makes it if need be, for its owner alone: there are secrets in it.
/// One that is there keeps its mode.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The path with something put behind it.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What it means that a file beside the database could not be opened.
pub(super) fn refusal(file: &Path, refused: &Path, error: io::Error) -> OpenError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OpenError::NoFolder {
            folder: file.parent().unwrap_or(file).to_owned(),
        },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => OpenError::Full {
            file: file.to_owned(),
            cause: error.into(),
        },
        _ => OpenError::NotWritable {
            file: refused.to_owned(),
            cause: error.into(),
        },
    }
}
