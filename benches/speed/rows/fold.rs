//! What is known of tasks, worked out from the log and worked out again.

use anyhow::ensure;

use crate::appending::Filling;
use crate::bench::Bench;
use crate::database;
use crate::figures::show;
use crate::folding::Folding;
use crate::report::Report;

#[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let folder = bench.folder("fold")?;
    let events = bench.pending;
    let filling = Filling {
        folder: folder.clone(),
        sizes: vec![events],
        sample: 0,
        at_once: 256,
        owed: false,
    };
    filling.run().await?;
    let before = database::size(&folder)?;
    let folding = Folding {
        folder: folder.clone(),
    };
    let took = folding.run().await?;
    ensure!(took.tasks > 0, "nothing was folded");

    let mut figure = |what: &str, figure: f64| {
        report.figure(format!("fold of {events}: {what}"), show(figure));
    };
    figure("events followed a second", events as f64 / took.followed);
    figure("events folded anew a second", events as f64 / took.rebuilt);
    figure("peak memory, MB", took.peak_memory);
    let more = database::size(&folder)? - before;
    figure("bytes more for each event", more as f64 / events as f64);
    Ok(())
}
