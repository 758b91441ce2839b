//! Whether events can be kept: the folder, the disk, the file, and who holds it.

use std::io;
use std::path::Path;

use super::super::Context;
use super::disk;
use super::disk::Disk;
use super::report::Report;
use super::server::Server;
use crate::causes::with_causes;
use crate::config::Config;
use crate::store;
use crate::store::Look;
use crate::store::OpenError;

const CHECK: &str = "database";

/// A database that nobody has open.
#[derive(Debug)]
pub(super) struct Free {
    /// What stands in it. None: it is not made yet.
    pub(super) look: Option<Look>,
}

/// The database, if nobody has it open.
pub(super) async fn check(
    context: &Context,
    config: &Config,
    server: Option<&Server>,
    report: &mut Report,
) -> io::Result<Option<Free>> {
    // A server that somebody named may be on another machine, with a database of its own.
    let is_ours = server.is_some() && context.server().is_ok_and(|named| named.is_none());
    let url = &config.store.url;
    let looked = store::look(url).await;
    if let Ok(file) = store::file(url) {
        check_folder(&file, report)?;
    }
    match &looked {
        Ok(_) if is_ours => report.warning(
            CHECK,
            format_args!("the server that runs does not have `{url}` open"),
            "see that it runs in this folder and with this configuration",
        )?,
        Ok(None) => report.ok(CHECK, "there is none yet: the first start makes it")?,
        Ok(Some(look)) if look.is_older => report.warning(
            CHECK,
            "an earlier version made it",
            "the next start keeps a copy beside it and brings it to its present form",
        )?,
        Ok(Some(_)) => report.ok(CHECK, "of this version, and nobody has it open")?,
        Err(OpenError::InUse { .. }) if is_ours => {
            report.ok(CHECK, "the running server has it open")?;
        }
        Err(error) => {
            report.problem(CHECK, with_causes(error), "no server can start before that")?;
        }
    }
    Ok(looked.ok().map(|look| Free { look }))
}

/// Whether the folder can be written, and what writing there is worth.
fn check_folder(file: &Path, report: &mut Report) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // As `.` it would be lost among the words around it.
    let whole = folder.canonicalize();
    let shown = whole.as_deref().unwrap_or(folder).display();
    match disk::measure(folder) {
        Err(error) => report.problem(
            CHECK,
            format_args!("nothing can be written in {shown} ({error})"),
            "make it, and give it to the user that Tidings runs as",
        ),
        Ok(disk) => {
            let found = format!("{shown} can be written; {disk}");
            match advice(&disk) {
                Some(advice) => report.warning(CHECK, found, advice),
                None => report.ok(CHECK, found),
            }
        }
    }
}

/// What to do about a disk that keeps less than it promises.
fn advice(disk: &Disk) -> Option<&'static str> {
    match disk.kind.as_deref() {
        Some("tmpfs" | "ramfs") => Some(
            "this is memory, and a restart of the machine forgets it: move `store.url` to a disk",
        ),
        Some("overlay") => Some(
            "this is a container's own layer, and goes with the container: mount a volume there",
        ),
        Some(kind) if is_network(kind) => Some(
            "SQLite's log does not work over a network: move `store.url` to a disk of this machine",
        ),
        _ if disk.is_suspiciously_quick() => Some(
            "no disk is that quick, so it may only say that it has written: a power cut could \
             lose events. See the write cache of the disk, or of the virtual machine's host",
        ),
        _ => None,
    }
}

fn is_network(kind: &str) -> bool {
    [
        "nfs",
        "cifs",
        "smb",
        "9p",
        "ceph",
        "glusterfs",
        "fuse.sshfs",
    ]
    .iter()
    .any(|network| kind.starts_with(network))
}
