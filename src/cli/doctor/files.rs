//! Whether files of tasks can be kept, and whether those who are sent a link can open it.

use std::io;
use std::path::Path;

use super::disk;
use super::report::Report;
use crate::config::Config;

const CHECK: &str = "files";

pub(super) fn check(config: &Config, report: &mut Report) -> io::Result<()> {
    if let Some(folder) = &config.capture.folder {
        kept(config, folder, report)?;
    }
    linked(config, report)
}

/// Whether they can be copied to the folder that is meant for them.
fn kept(config: &Config, folder: &Path, report: &mut Report) -> io::Result<()> {
    if config.cloud.api_key.is_none() {
        let found = "none is kept, because there is no key for the Cloud API that has them";
        report.warning(CHECK, found, "set `cloud.api_key`, or BROWSER_USE_API_KEY")?;
    }
    let shown = folder.display();
    match disk::measure(there(folder)) {
        Err(error) => report.problem(
            CHECK,
            format_args!("nothing can be written in {shown} ({error})"),
            "make it, and give it to the user that Tidings runs as",
        ),
        Ok(disk) => report.ok(CHECK, format_args!("they can be kept in {shown}; {disk}")),
    }
}

/// The deepest folder on the way that is there: the first file to keep makes the rest.
fn there(folder: &Path) -> &Path {
    let mut on_the_way = folder.ancestors().filter(|one| !one.as_os_str().is_empty());
    on_the_way
        .find(|one| one.exists())
        .unwrap_or(Path::new("."))
}

/// Whether the links to them are whole.
fn linked(config: &Config, report: &mut Report) -> io::Result<()> {
    let enriched = config
        .sinks
        .iter()
        .filter(|sink| sink.common.enrich.is_some());
    let names: Vec<String> = enriched
        .map(|sink| format!("`{}`", sink.common.name))
        .collect();
    if names.is_empty() || config.server.api_url().is_some() {
        return Ok(());
    }
    report.warning(
        CHECK,
        format_args!(
            "nobody says where this server is reached, so {} get no whole links",
            names.join(", ")
        ),
        "set `server.public_url`, or `server.admin_url` where the API has a port of its own",
    )
}
