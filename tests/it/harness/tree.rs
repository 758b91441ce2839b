//! The project's own files, for the tests that read them.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// A file of the project.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path from the top of the project.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// Where `Cargo.toml` lies.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` that ends with `.extension`, sorted by path. What is built or
/// downloaded does not count.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();

    paths
        .into_iter()
        .map(|path| SourceFile {
            text: fs::read_to_string(&path).expect("the project's files are text"),
            path: path
                .strip_prefix(root())
                .expect("it was found below the root")
                .to_str()
                .expect("our own names are UTF-8")
                .to_owned(),
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() {
            found.push(path);
        } else if !matches!(name.as_ref(), "target" | ".git" | "node_modules") {
            walk(&path, found);
        }
    }
}
