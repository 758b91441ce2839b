//! The folder that files are kept in.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use bytes::BytesMut;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;

use crate::store::Content;

/// How much is read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// The folder that files are kept in, its owner's alone.
#[derive(Clone, Debug)]
pub struct Folder(Arc<Path>);

/// A file on its way into the folder. It has no name there before it is whole.
#[derive(Debug)]
pub(super) struct Writing {
    file: File,
    /// Where it is below the folder, once it is whole.
    path: String,
    part: PathBuf,
    whole: PathBuf,
    hash: Sha256,
    size: u64,
}

/// A file on its way out.
#[derive(Debug)]
pub struct Reading {
    file: File,
    left: u64,
    hash: Sha256,
    sha256: [u8; 32],
}

impl Folder {
    /// The folder at this path, which is made where there is none. What is in it is not looked at.
    ///
    /// Fails if nothing can be written there.
    pub fn open(path: &Path) -> io::Result<Self> {
        make(path)?;
        let probe = path.join("probe");
        private().open(&probe)?;
        fs::remove_file(&probe)?;
        Ok(Self(path.into()))
    }

    /// Begins a file. What was left there by an attempt that was cut off is overwritten.
    pub(super) async fn begin(&self, path: String) -> io::Result<Writing> {
        let whole = self.0.join(&path);
        let part = whole.with_extension("part");
        let root = Arc::clone(&self.0);
        let (below, to_open) = (whole.clone(), part.clone());
        let file = blocking(move || {
            make_below(&root, &below)?;
            private().open(to_open)
        });
        Ok(Writing {
            file: file.await?.into(),
            path,
            part,
            whole,
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// A file that is kept, to be read piece by piece. None: somebody removed it.
    pub async fn read(&self, content: &Content) -> io::Result<Option<Reading>> {
        let file = match File::open(self.0.join(&*content.path)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        Ok(Some(Reading {
            file,
            left: content.size,
            hash: Sha256::new(),
            sha256: content.sha256,
        }))
    }

    /// Whether a file that is kept is still there.
    pub async fn has(&self, content: &Content) -> bool {
        let found = tokio::fs::metadata(self.0.join(&*content.path)).await;
        found.is_ok_and(|found| found.is_file())
    }
}

impl Writing {
    /// Adds a piece.
    pub(super) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece).await?;
        self.hash.update(piece);
        self.size += piece.len() as u64;
        Ok(())
    }

    /// Gives the file its name, once all of it is on the disk, and its name with it.
    pub(super) async fn finish(mut self) -> io::Result<Content> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let (part, whole) = (self.part, self.whole);
        blocking(move || {
            fs::rename(&part, &whole)?;
            whole.parent().map_or(Ok(()), sync)
        })
        .await?;
        Ok(Content {
            path: self.path.into(),
            size: self.size,
            sha256: self.hash.finalize().into(),
        })
    }

    /// Gives it up. What is left of it is overwritten by the next attempt, or by nobody.
    pub(super) async fn discard(self) {
        drop(self.file);
        tokio::fs::remove_file(self.part).await.ok();
    }
}

impl Reading {
    /// The next piece; none: that was all. The last is given only if all of them are what was kept.
    pub async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        if self.left == 0 {
            return Ok(None);
        }
        let most = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        let mut piece = BytesMut::zeroed(most);
        self.file.read_exact(&mut piece).await?;
        self.hash.update(&piece);
        self.left -= piece.len() as u64;
        let is_whole = || self.hash.clone().finalize().as_slice() == self.sha256;
        if self.left == 0 && !is_whole() {
            let problem = "a kept file is not what it was: its SHA-256 differs";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        Ok(Some(piece.freeze()))
    }
}

/// A new file that is its owner's alone, in place of what is there.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options
}

fn make(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Makes the folders between the root and a file that are not there, so that they survive a power
/// cut as the file does.
fn make_below(root: &Path, file: &Path) -> io::Result<()> {
    let missing = file.ancestors().skip(1).take_while(|path| *path != root);
    let missing: Vec<&Path> = missing.take_while(|path| !path.exists()).collect();
    for path in missing.into_iter().rev() {
        make(path)?;
        path.parent().map_or(Ok(()), sync)?;
    }
    Ok(())
}

/// Returns once the names in a folder are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Does what waits for the disk where it holds up nobody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Where these files are kept.
    const PLACE: &str = "1970-01-01/task-t-1/output-1";

    async fn keep(folder: &Folder, text: &[u8]) -> Content {
        let mut writing = folder.begin(PLACE.to_owned()).await.unwrap();
        for piece in text.chunks(7) {
            writing.write(piece).await.unwrap();
        }
        writing.finish().await.unwrap()
    }

    async fn read(folder: &Folder, content: &Content) -> io::Result<Vec<u8>> {
        let mut reading = folder.read(content).await?.ok_or(io::ErrorKind::NotFound)?;
        let mut all = Vec::new();
        while let Some(piece) = reading.piece().await? {
            all.extend(piece);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_file_is_its_owners_alone_and_comes_back_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(&root.path().join("a/b")).unwrap();
        for length in [0, 1, PIECE - 1, PIECE, 3 * PIECE + 1] {
            let text: Vec<u8> = (0..length)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            let content = keep(&folder, &text).await;
            assert_eq!(&*content.path, PLACE);
            assert_eq!(content.sha256, *Sha256::digest(&text));
            assert_eq!(read(&folder, &content).await.unwrap(), text);
        }
        let mode = |path: &str| {
            let found = fs::metadata(root.path().join(path)).unwrap();
            found.permissions().mode() & 0o777
        };
        assert_eq!(mode("a/b"), 0o700);
        assert_eq!(mode("a/b/1970-01-01/task-t-1"), 0o700);
        assert_eq!(mode("a/b/1970-01-01/task-t-1/output-1"), 0o600);
    }

    #[tokio::test]
    async fn what_is_not_whole_has_no_name_and_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let mut cut_off = folder.begin(PLACE.to_owned()).await.unwrap();
        cut_off.write(b"much more than there is").await.unwrap();
        drop(cut_off);
        assert!(!root.path().join(PLACE).exists());
        let content = keep(&folder, b"all").await;
        assert_eq!(read(&folder, &content).await.unwrap(), b"all");
        let names = fs::read_dir(root.path().join(PLACE).parent().unwrap()).unwrap();
        assert_eq!(names.count(), 1);
    }

    #[tokio::test]
    async fn what_the_disk_changed_is_not_given_out_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let content = keep(&folder, b"as it was").await;
        let path = root.path().join(&*content.path);
        for spoiled in ["as it is!", "as it", ""] {
            fs::write(&path, spoiled).unwrap();
            read(&folder, &content).await.unwrap_err();
        }
        fs::remove_file(&path).unwrap();
        assert!(folder.read(&content).await.unwrap().is_none());
        assert!(!folder.has(&content).await);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_found_at_once() {
        let root = tempfile::tempdir().unwrap();
        let taken = root.path().join("taken");
        fs::write(&taken, "a file").unwrap();
        Folder::open(&taken).unwrap_err();
        Folder::open(&taken.join("below")).unwrap_err();
    }
}
