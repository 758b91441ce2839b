//! What kind of disk a folder is on, and how long it takes to write something down for good.

use std::fmt;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

/// How often it is measured: the middle of so many is steady.
const TRIES: usize = 21;

/// What is written each time, in bytes: a page of the database.
const PAGE: usize = 4096;

/// No disk that keeps its word is quicker. The quickest drives with a protected cache need about
/// twenty microseconds, and the system itself some.
const TOO_QUICK: Duration = Duration::from_micros(15);

/// A place to keep things in.
#[derive(Debug)]
pub(super) struct Disk {
    /// The file system, as the kernel calls it. None: this system does not tell.
    pub(super) kind: Option<String>,
    /// How long a sync takes.
    pub(super) sync: Duration,
}

impl Disk {
    pub(super) fn is_suspiciously_quick(&self) -> bool {
        self.sync < TOO_QUICK
    }
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.sync.as_micros();
        match micros {
            0..1000 => write!(f, "a sync takes {micros} µs")?,
            _ => write!(f, "a sync takes {:.1} ms", self.sync.as_secs_f64() * 1e3)?,
        }
        match &self.kind {
            Some(kind) => write!(f, " on {kind}"),
            None => Ok(()),
        }
    }
}

/// Writes into `folder`, and leaves nothing there.
pub(super) fn measure(folder: &Path) -> io::Result<Disk> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut took = Vec::with_capacity(TRIES);
    for _ in 0..TRIES {
        file.write_all(&[0; PAGE])?;
        let begun = Instant::now();
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(Disk {
        kind: kind(folder),
        sync: took[TRIES / 2],
    })
}

/// The file system that `folder` is on: that of the deepest mount above it.
fn kind(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    // Mounted later, it lies on top; so of two that are equally deep, the last counts.
    mounts(&fs::read_to_string("/proc/self/mountinfo").ok()?)
        .filter(|(place, _)| folder.starts_with(place))
        .max_by_key(|(place, _)| place.components().count())
        .map(|(_, kind)| kind)
}

/// Where something is mounted, and what. The fields in front of the ` - ` vary in number.
fn mounts(table: &str) -> impl Iterator<Item = (PathBuf, String)> {
    table.lines().filter_map(|line| {
        let (front, back) = line.split_once(" - ")?;
        // The kernel writes a blank in a path as `\040`.
        let place = front.split(' ').nth(4)?.replace("\\040", " ");
        Some((place.into(), back.split(' ').next()?.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_read_from_the_kernel_s_table() {
        let table = "36 35 98:0 / / rw,noatime master:1 shared:2 - ext4 /dev/root rw\n\
                     40 36 0:32 / /my\\040data rw - tmpfs tmpfs rw,size=1g\n";
        let mounts: Vec<_> = mounts(table).collect();
        assert_eq!(
            mounts,
            [
                (PathBuf::from("/"), "ext4".to_owned()),
                (PathBuf::from("/my data"), "tmpfs".to_owned()),
            ]
        );
    }

    #[test]
    fn measuring_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        measure(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(measure(&folder.path().join("missing")).is_err());
    }
}
