//! Whether the configuration is right, and where it comes from.

use std::io;

use super::super::Context;
use super::report::Report;
use crate::app;
use crate::config::Config;
use crate::config::Loaded;
use crate::telemetry;

const CHECK: &str = "configuration";

/// What is in force. None: nobody could start with it.
pub(super) fn check(context: &Context, report: &mut Report) -> io::Result<Option<Config>> {
    let loaded = match right(context) {
        Ok(loaded) => loaded,
        Err(error) => {
            report.problem(
                CHECK,
                format_args!("{error:#}"),
                "mend it; `tidings config example` shows every key, and the other checks wait for it",
            )?;
            return Ok(None);
        }
    };
    match &loaded.file {
        Some(file) => report.ok(CHECK, format_args!("right, from {}", file.display()))?,
        None => report.ok(
            CHECK,
            "right, from the defaults and the environment: there is no file",
        )?,
    }
    for remark in loaded.remarks() {
        report.warning(CHECK, remark, "take it out, or mend it")?;
    }
    Ok(Some(loaded.config))
}

/// The configuration, with all that a start would refuse refused.
fn right(context: &Context) -> anyhow::Result<Loaded> {
    let loaded = context.load()?;
    app::check_sinks(&loaded.config)?;
    telemetry::check(&loaded.config.log.filter)?;
    Ok(loaded)
}
