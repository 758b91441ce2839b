//! What a power cut would leave: the program's writes as `strace` saw them, replayed onto a disk
//! that keeps only what was synced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Runs a program so that [`record`] can tell what it did. It stays our child, because `-D` makes
/// the tracer its grandchild.
pub(crate) fn tracing_to(log: &str) -> Vec<&str> {
    const CALLS: &str = "trace=pwrite64,ftruncate,fdatasync,fsync,write,writev,sendto,sendmsg";
    vec![
        "strace", "-D", "-f", "-y", "-xx", "-s", "1000000", "-e", CALLS, "-o", log,
    ]
}

/// One thing the program did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Bytes went into the system's memory, and may or may not reach the disk.
    Wrote {
        file: String,
        offset: usize,
        data: Vec<u8>,
    },
    /// A file got another length.
    Resized { file: String, length: usize },
    /// What was written to this file before is on the disk.
    Synced { file: String },
    /// The answer for this event left.
    Acknowledged { id: String },
}

/// What the program did to the files of its database and what it acknowledged, in order.
pub(crate) fn record(log: &Path) -> Vec<Step> {
    let log = fs::read_to_string(log).expect("strace wrote it");
    let mut unfinished: BTreeMap<&str, &str> = BTreeMap::new();
    let mut steps = Vec::new();

    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            // An answer may have left as soon as it is begun; a sync holds once it has ended.
            steps.extend(acknowledged(begun));
            unfinished.insert(thread, begun);
        } else if let Some((_, end)) = call.split_once(" resumed>") {
            let begun = unfinished.remove(thread).unwrap_or_default();
            steps.extend(done_to_a_file(&format!("{begun}{end}")));
        } else {
            steps.extend(acknowledged(call));
            steps.extend(done_to_a_file(call));
        }
    }
    steps
}

fn acknowledged(call: &str) -> Option<Step> {
    let sends = ["write(", "writev(", "sendto(", "sendmsg("];
    if !sends.iter().any(|name| call.starts_with(name)) || !file(call)?.starts_with("socket:") {
        return None;
    }
    let sent: Vec<u8> = strings(call).concat();
    let sent = String::from_utf8_lossy(&sent);
    let (_, id) = sent.split_once(r#""event_id":""#)?;
    let (id, _) = id.split_once('"')?;
    Some(Step::Acknowledged { id: id.to_owned() })
}

fn done_to_a_file(call: &str) -> Option<Step> {
    let (name, _) = call.split_once('(')?;
    let path = file(call)?;
    let file = Path::new(&path).file_name()?.to_str()?.to_owned();
    if !matches!(file.as_str(), "tidings.db" | "tidings.db-wal") {
        return None;
    }
    let (arguments, result) = call.rsplit_once('=')?;
    let arguments = arguments.trim_end().strip_suffix(')')?;
    let result = result.trim();
    let last = || arguments.rsplit(", ").next()?.parse().ok();
    match name {
        "pwrite64" => {
            let mut data = strings(call).concat();
            data.truncate(result.parse().ok()?);
            let offset = last()?;
            Some(Step::Wrote { file, offset, data })
        }
        "ftruncate" => Some(Step::Resized {
            file,
            length: last()?,
        }),
        "fdatasync" | "fsync" if result == "0" => Some(Step::Synced { file }),
        _ => None,
    }
}

/// The file behind the first argument: `3</path>`, in hexadecimal.
fn file(call: &str) -> Option<String> {
    let (_, rest) = call.split_once('<')?;
    let (path, _) = rest.split_once('>')?;
    String::from_utf8(unescaped(path)).ok()
}

/// The quoted strings of a call.
fn strings(call: &str) -> Vec<Vec<u8>> {
    call.split('"').skip(1).step_by(2).map(unescaped).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    text.split("\\x")
        .skip(1)
        .map(|digits| u8::from_str_radix(digits, 16).expect("strace prints two digits"))
        .collect()
}

/// A disk, and what the system has not brought there yet.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    pending: Vec<(String, Change)>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, data: Vec<u8> },
    Resize { length: usize },
}

impl Disk {
    /// Does what the program did.
    pub(crate) fn apply(&mut self, step: &Step) {
        match step {
            Step::Wrote { file, offset, data } => {
                let (offset, data) = (*offset, data.clone());
                self.pending
                    .push((file.clone(), Change::Write { offset, data }));
            }
            Step::Resized { file, length } => {
                let length = *length;
                self.pending.push((file.clone(), Change::Resize { length }));
            }
            Step::Synced { file } => {
                let (synced, pending) = std::mem::take(&mut self.pending)
                    .into_iter()
                    .partition(|(name, _)| name == file);
                self.pending = pending;
                keep(&mut self.files, synced);
            }
            Step::Acknowledged { .. } => {}
        }
    }

    /// Cuts the power and writes down what is left. Of the writes that were not synced, those
    /// survive that `lucky` picks.
    pub(crate) fn cut_the_power(&self, folder: &Path, mut lucky: impl FnMut() -> bool) {
        let mut files = self.files.clone();
        let survivors = self.pending.iter().filter(|_| lucky()).cloned();
        keep(&mut files, survivors.collect());
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("the folder is ours");
        }
    }
}

fn keep(files: &mut BTreeMap<String, Vec<u8>>, changes: Vec<(String, Change)>) {
    for (name, change) in changes {
        let content = files.entry(name).or_default();
        match change {
            Change::Resize { length } => content.resize(length, 0),
            Change::Write { offset, data } => {
                let end = offset + data.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[offset..end].copy_from_slice(&data);
            }
        }
    }
}
