//! Files that a command is told to read; `-` is the standard input.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::bail;
use bytes::Bytes;
use serde_json::Value;

use crate::secret::Secret;

/// The largest body of a request that is read, in bytes.
pub(super) const LARGEST_BODY: u64 = 64 * 1024 * 1024;

/// No secret is longer than this, in bytes.
const LARGEST_SECRET: u64 = 64 * 1024;

/// Reads a file of at most so many bytes.
pub(super) fn read(file: &Path, limit: u64) -> anyhow::Result<Bytes> {
    let unreadable = || format!("cannot read {}", name(file));
    let source: Box<dyn Read> = if is_standard_input(file) {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(unreadable)?)
    };
    let mut content = Vec::new();
    source
        .take(limit + 1)
        .read_to_end(&mut content)
        .with_context(unreadable)?;
    if content.len() as u64 > limit {
        bail!("{} is too large: {} are the most", name(file), size(limit));
    }
    Ok(content.into())
}

/// Reads a file that holds JSON.
pub(super) fn json(file: &Path) -> anyhow::Result<Value> {
    serde_json::from_slice(&read(file, LARGEST_BODY)?)
        .with_context(|| format!("{} is no JSON", name(file)))
}

/// Reads a file that holds one secret. A newline at its end is cut off.
pub(super) fn secret(file: &Path) -> anyhow::Result<Secret> {
    let text = String::from_utf8(read(file, LARGEST_SECRET)?.into())
        // What is wrong with it is not told by quoting it.
        .map_err(|_not_shown| anyhow!("{} is no text in UTF-8", name(file)))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).into())
}

/// A limit as people say it.
fn size(bytes: u64) -> String {
    match bytes / 1024 {
        kibibytes if kibibytes % 1024 == 0 => format!("{} MiB", kibibytes / 1024),
        kibibytes => format!("{kibibytes} KiB"),
    }
}

/// A file as messages call it.
pub(super) fn name(file: &Path) -> String {
    if is_standard_input(file) {
        "the standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}
