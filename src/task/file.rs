//! What a task leaves behind.

use serde::Deserialize;
use serde::Serialize;

/// What a file of a task is. The configuration names several, the API one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum FileKind {
    /// A file that it made.
    #[serde(rename(deserialize = "output_files", serialize = "output_file"))]
    Output,
    /// A picture of what its browser showed.
    #[serde(rename(deserialize = "screenshots", serialize = "screenshot"))]
    Screenshot,
}
