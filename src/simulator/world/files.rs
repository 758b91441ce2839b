//! Files: addresses that open one for a few minutes, and what was uploaded by them.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

/// How long an address opens its file. The vendor says minutes.
pub(crate) const LINK_LIFETIME: Duration = Duration::from_mins(5);

/// The largest file, in bytes.
pub(crate) const FILE_LIMIT: usize = 10 * 1024 * 1024;

/// How large a task's files may be together, in bytes.
pub(crate) const TASK_FILES_LIMIT: usize = 50 * 1024 * 1024;

/// How many uploads are remembered.
const ROOM: usize = 1_000;

/// What an address opens, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) target: Target,
    pub(crate) expires_at: Timestamp,
}

/// What an address opens.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A file may be put there.
    Upload {
        name: String,
        /// What it has to be declared as.
        content_type: String,
    },
    /// A file is there.
    Download {
        content_type: &'static str,
        content: Bytes,
    },
}

/// Which files were uploaded, and how large they are. Nobody can read them again, so no more is
/// kept.
#[derive(Debug, Default)]
pub(crate) struct Uploads(VecDeque<(String, usize)>);

impl Uploads {
    pub(crate) fn put(&mut self, name: &str, size: usize) {
        self.0.retain(|(kept, _)| kept != name);
        self.0.push_back((name.to_owned(), size));
        if self.0.len() > ROOM {
            self.0.pop_front();
        }
    }

    /// How large the file of this name is, in bytes.
    pub(crate) fn size_of(&self, name: &str) -> Option<usize> {
        let found = self.0.iter().find(|(kept, _)| kept == name);
        found.map(|(_, size)| *size)
    }
}
