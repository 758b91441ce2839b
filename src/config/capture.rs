//! `[capture]`: which files of ended tasks are kept.

use std::path::PathBuf;

use serde::Deserialize;

use crate::task::FileKind;

/// Which files of ended tasks are kept, and how many bytes of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capture {
    /// Where. None: none are kept.
    pub folder: Option<PathBuf>,

    /// Which.
    pub what: Vec<FileKind>,

    /// The largest file, in bytes.
    pub max_file_bytes: u64,

    /// How many bytes of one task.
    pub max_task_bytes: u64,

    /// How many bytes in all.
    pub max_total_bytes: u64,
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            folder: None,
            what: vec![FileKind::Output, FileKind::Screenshot],
            max_file_bytes: 64 << 20,
            max_task_bytes: 256 << 20,
            max_total_bytes: 10 << 30,
        }
    }
}
