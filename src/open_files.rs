//! How many files the process may have open. Each connection is one of them.

use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::getrlimit;
use rustix::process::setrlimit;
use tracing::info;
use tracing::warn;

use crate::causes::with_causes;

/// Raises the soft limit to the hard one, which is as far as a process may go by itself, and
/// returns the limit that is in force then. None: there is none.
///
/// Most systems begin with 1024, for the sake of programs that keep open files in a `select`, which
/// holds no more. Nothing here does, and a thousand clients may wait for tasks at once.
pub fn raise_limit() -> Option<u64> {
    let before = getrlimit(Resource::Nofile);
    if before.current == before.maximum {
        return before.current;
    }
    let raised = Rlimit {
        current: before.maximum,
        ..before
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => {
            info!(
                open_files.before = before.current,
                open_files.limit = raised.current,
                "Raised the limit of open files as far as the system lets us"
            );
            raised.current
        }
        Err(error) => {
            warn!(
                open_files.limit = before.current,
                error = %with_causes(&error),
                "Cannot raise the limit of open files"
            );
            before.current
        }
    }
}
