//! Many deliveries pending, and a sink that has come back.

use std::time::Duration;
use std::time::Instant;

use anyhow::ensure;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;

use crate::appending::Filling;
use crate::bench::Bench;
use crate::database;
use crate::figures::show;
use crate::goals;
use crate::report::Report;
use crate::servers::http_sink::HttpSink;
use crate::servers::tidings as server;

/// How many requests are under way to the sink.
const IN_FLIGHT: usize = 32;

/// It must be over by then.
const LIMIT: Duration = Duration::from_mins(2);

#[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let count = bench.drained;
    let folder = bench.folder("drain")?;
    let filling = Filling {
        folder: folder.clone(),
        sizes: vec![count],
        sample: 0,
        at_once: 256,
        owed: true,
    };
    filling.run().await?;

    let sink = HttpSink::start().await?;
    let began = Instant::now();
    let tidings = server::start(&folder, &server::http_sink(&sink.url(), IN_FLIGHT)).await?;
    let arrived = sink.wait_for(count as u64, LIMIT).await?;
    let altogether = began.elapsed().as_secs_f64();
    let usage = tidings.usage()?;
    tidings.stop().await?;

    // Nothing may be left, or a part of the work was not measured.
    let store = database::open(&folder).await?;
    let left = store
        .sink_stats(&crate::SINK.parse()?, SystemClock.now())
        .await?;
    store.close().await?;
    ensure!(
        left.pending + left.waiting == 0,
        "{} deliveries are left",
        left.pending + left.waiting
    );

    report.goal(&goals::DRAIN, &(count as f64 / arrived.seconds).into());
    report.figure(
        format!("drain of {count}, start of the server included, a second"),
        show(count as f64 / altogether),
    );
    report.figure(
        "drain: processor time for each delivery, µs",
        show(usage.processor * 1e6 / count as f64),
    );
    report.figure("drain: peak memory, MB", show(usage.peak_memory));
    Ok(())
}
