//! B2: received, kept, and appended to a file while the load goes on. The file must keep up, and
//! every event must be in it.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use serde::Deserialize;
use tokio::time::sleep;

use crate::database;
use crate::figures::Rounds;
use crate::goals;
use crate::load::Plan;
use crate::measure;
use crate::measure::Run;
use crate::process::Server;
use crate::report::Report;
use crate::servers::tidings;

/// How long the file may lag behind the end of the load.
const GRACE: Duration = Duration::from_secs(5);

/// What became of the events of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    /// Seconds of load that were not in the file when the load ended.
    backlog: f64,
    /// Events that were acknowledged and not in the file five seconds later.
    missing: usize,
    /// The database's bytes for each byte of the bodies.
    bytes: f64,
}

/// A line of the file.
#[derive(Deserialize)]
struct Line {
    id: String,
}

/// Runs a load against the real thing with one file sink.
#[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
pub(super) async fn run(
    folder: &Path,
    plan: impl FnOnce(&Server) -> Plan,
) -> anyhow::Result<(Run, Delivered)> {
    let file = folder.join("events.jsonl");
    let server = tidings::start(folder, &tidings::file_sink(&file)).await?;
    let run = measure::load(&server, &plan(&server)).await?;

    let length = fs::metadata(&file)?.len();
    let grace = Instant::now() + GRACE;
    let written = lines_within(&file, length)?;
    let acknowledged = usize::try_from(run.outcome.acknowledged)?;
    while lines_within(&file, u64::MAX)? < acknowledged && Instant::now() < grace {
        sleep(Duration::from_millis(200)).await;
    }
    let missing = acknowledged.saturating_sub(distinct(&file)?);

    server.stop().await?;
    let bytes = database::size(folder)? as f64 / run.outcome.body_bytes as f64;
    let backlog = acknowledged.saturating_sub(written) as f64 / run.outcome.rate;
    Ok((
        run,
        Delivered {
            backlog,
            missing,
            bytes,
        },
    ))
}

/// Whether the promises were kept.
#[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
pub(super) fn report(rounds: &[Delivered], report: &mut Report) {
    let all = |of: fn(&Delivered) -> f64| rounds.iter().map(of).collect::<Rounds>();
    report.goal(&goals::BACKLOG, &all(|round| round.backlog));
    report.goal(&goals::MISSING, &all(|round| round.missing as f64));
    report.goal(&goals::BYTES, &all(|round| round.bytes));
}

/// How many whole lines there are in the first `length` bytes.
fn lines_within(file: &Path, length: u64) -> anyhow::Result<usize> {
    let mut reader = File::open(file)?.take(length);
    let mut piece = vec![0; 1 << 20];
    let mut lines = 0;
    loop {
        let read = reader.read(&mut piece)?;
        if read == 0 {
            return Ok(lines);
        }
        lines += piece[..read].split(|byte| *byte == b'\n').count() - 1;
    }
}

/// How many different events there are.
fn distinct(file: &Path) -> anyhow::Result<usize> {
    let mut ids = BTreeSet::new();
    for line in BufReader::new(File::open(file)?).lines() {
        ids.insert(serde_json::from_str::<Line>(&line?)?.id);
    }
    Ok(ids.len())
}
