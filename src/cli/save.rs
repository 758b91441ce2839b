//! What comes from elsewhere is put into a file, or onto the standard output.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use anyhow::bail;
use reqwest::Response;

use super::bar::Bar;
use super::output::Output;

/// Puts the body of an answer into a new file; `-` is the standard output. A file that is there
/// already stays as it is, and of a body that breaks off nothing is left.
pub(super) async fn save(output: Output, body: Response, file: &Path) -> anyhow::Result<()> {
    if file.as_os_str() == "-" {
        return copy(body, io::stdout(), |_| {}).await;
    }
    let name = file.display();
    let target = match File::create_new(file) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{name} is there already: remove it, or give another name")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
    };
    let bar = Bar::new(output, "saved", body.content_length());
    let copied = copy(body, target, |written| bar.reaches(written)).await;
    drop(bar);
    if copied.is_err() {
        fs::remove_file(file).ok();
    } else {
        output.note(format_args!("saved as {name}"));
    }
    copied
}

async fn copy(mut body: Response, mut to: impl Write, written: impl Fn(u64)) -> anyhow::Result<()> {
    let mut count = 0;
    while let Some(piece) = body.chunk().await.context("it broke off")? {
        to.write_all(&piece)?;
        count += piece.len() as u64;
        written(count);
    }
    Ok(to.flush()?)
}
