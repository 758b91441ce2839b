//! A file that lines are appended to.

use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use anyhow::ensure;
use tracing::info;
use tracing::warn;

use super::tail;

/// A file that lines are appended to. It is opened when needed, and again when somebody has moved
/// it away, as log rotation does.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: Option<File>,
}

impl Journal {
    /// The journal at this path. Nothing is opened yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// The same journal, to be opened anew.
    pub(super) fn reopened(&self) -> Self {
        Self::new(self.path.clone())
    }

    /// Appends whole lines and returns once they are on the disk. After an error none of them is
    /// in the file, or they stand where the next opening finds and cuts them.
    pub(super) fn append(&mut self, lines: &[u8]) -> anyhow::Result<()> {
        let mut file = self.current()?;
        if !lines.is_empty() {
            write(&mut file, lines)
                .with_context(|| format!("the file {} cannot be written", self.path.display()))?;
        }
        // Kept only after success: whatever went wrong, the next line opens the file anew.
        self.file = Some(file);
        Ok(())
    }

    /// The open file, if it is still the one at the path, else that one.
    fn current(&mut self) -> anyhow::Result<File> {
        if let Some(file) = self.file.take() {
            if is_at(&file, &self.path)? {
                return Ok(file);
            }
            info!(file.path = %self.path.display(), "The file was moved away; opening a new one");
        }
        open(&self.path)
    }
}

/// Writes and syncs, or leaves the file as it was.
fn write(file: &mut File, lines: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    file.write_all(lines)
        .and_then(|()| file.sync_data())
        .inspect_err(|_| {
            // A part of the lines may stand there. If cutting fails too, the lines that are whole
            // come a second time, and the unfinished one is cut when the file is opened again.
            file.set_len(before).ok();
        })
}

/// Whether the open file is the one at this path.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
    match fs::metadata(path) {
        Ok(there) => Ok(identity(&there) == identity(&file.metadata()?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens the file, makes it where there is none, and cuts off an unfinished last line: it was
/// never settled, so its event comes again.
fn open(path: &Path) -> anyhow::Result<File> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
        .with_context(|| format!("the file {} cannot be opened", path.display()))?;
    ensure!(
        file.metadata()?.is_file(),
        "{} is not a plain file",
        path.display()
    );
    // A file whose name is not on the disk is gone after a power cut, and its lines with it.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("the folder {} cannot be synced", folder.display()))?;

    let cut = tail::cut_unfinished(&file)
        .with_context(|| format!("the file {} cannot be appended to", path.display()))?;
    if cut > 0 {
        warn!(
            file.path = %path.display(),
            file.cut_bytes = cut,
            "Cut off an unfinished last line; its event is delivered again"
        );
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_folder_is_made_where_there_is_none() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/events.jsonl");
        Journal::new(path.clone()).append(b"{}\n").unwrap();
        assert_eq!(read(&path), "{}\n");
    }

    #[test]
    fn a_file_that_was_moved_away_is_replaced_by_a_new_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("events.jsonl");
        let old = root.path().join("events.jsonl.1");
        let mut journal = Journal::new(path.clone());

        journal.append(b"{\"n\":1}\n").unwrap();
        fs::rename(&path, &old).unwrap();
        journal.append(b"{\"n\":2}\n").unwrap();
        fs::remove_file(&path).unwrap();
        journal.append(b"{\"n\":3}\n").unwrap();

        assert_eq!(read(&old), "{\"n\":1}\n");
        assert_eq!(read(&path), "{\"n\":3}\n");
    }

    #[test]
    fn a_file_that_was_emptied_in_place_is_written_from_its_beginning() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("events.jsonl");
        let mut journal = Journal::new(path.clone());

        journal.append(b"{\"n\":1}\n").unwrap();
        File::create(&path).unwrap();
        journal.append(b"{\"n\":2}\n").unwrap();

        assert_eq!(read(&path), "{\"n\":2}\n");
    }

    #[test]
    fn an_unfinished_last_line_is_cut_off_when_the_file_is_opened() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("events.jsonl");
        fs::write(&path, "{\"n\":1}\n{\"n\":2").unwrap();

        Journal::new(path.clone()).append(b"{\"n\":2}\n").unwrap();

        assert_eq!(read(&path), "{\"n\":1}\n{\"n\":2}\n");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let root = tempfile::tempdir().unwrap();
        let taken = root.path().join("taken");
        fs::write(&taken, "a file").unwrap();
        let error = Journal::new(taken.join("events.jsonl"))
            .append(b"{}\n")
            .unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("taken cannot be made"), "{text}");
    }
}
