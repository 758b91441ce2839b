//! Doing nothing: most receivers do so most of the day.

use tokio::time::sleep;

use crate::bench::Bench;
use crate::goals;
use crate::load::Plan;
use crate::measure;
use crate::report::Report;
use crate::servers::tidings;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let folder = bench.folder("idle")?;
    let sink = tidings::file_sink(&folder.join("events.jsonl"));
    let server = tidings::start(&folder, &sink).await?;
    // It has worked before it rests.
    let plan = Plan {
        seconds: 0.2,
        warm_up: 0.0,
        ..bench.plan(server.address, 4, 20_000)
    };
    measure::load(&server, &plan).await?;
    sleep(bench.idle / 10).await;

    let before = server.usage()?.processor;
    sleep(bench.idle).await;
    let used = server.usage()?.processor - before;
    server.stop().await?;

    let percent = used / bench.idle.as_secs_f64() * 100.0;
    report.goal(&goals::IDLE, &percent.into());
    Ok(())
}
