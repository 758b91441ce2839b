//! Starting with many deliveries pending: what was left undone must not delay what comes in.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use crate::appending::Filling;
use crate::bench::Bench;
use crate::figures::Rounds;
use crate::figures::show;
use crate::goals;
use crate::report::Report;
use crate::servers::http_sink::HttpSink;
use crate::servers::tidings;

/// How often it is started.
const STARTS: usize = 3;

/// The first delivery must have arrived by then.
const LIMIT: Duration = Duration::from_mins(1);

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    // The migrations run before, for both.
    let empty = bench.folder("start-empty")?;
    let full = bench.folder("start-full")?;
    for (folder, size) in [(&empty, 0), (&full, bench.pending)] {
        let filling = Filling {
            folder: folder.clone(),
            sizes: vec![size],
            sample: 0,
            at_once: 256,
            owed: true,
        };
        filling.run().await?;
    }

    let (mut empties, mut fulls) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        empties.push(start(&empty).await?);
        fulls.push(start(&full).await?);
    }
    let more = fulls.iter().zip(&empties).map(|(full, empty)| full - empty);
    report.goal(&goals::START, &more.collect());
    let median = |rounds: &Vec<f64>| show(rounds.iter().copied().collect::<Rounds>().median());
    report.figure("empty start until ready, s", median(&empties));
    report.figure(
        format!("start with {} pending until ready, s", bench.pending),
        median(&fulls),
    );

    let first = first_delivery(&full).await?;
    report.figure(
        "the same until the first delivery has arrived, s",
        show(first),
    );
    Ok(())
}

/// Seconds until it is ready. Nothing is delivered: nobody listens where the sink points to.
async fn start(folder: &Path) -> anyhow::Result<f64> {
    let nobody = tidings::http_sink("http://127.0.0.1:9/hook", 1);
    let began = Instant::now();
    let server = tidings::start(folder, &nobody).await?;
    let took = began.elapsed().as_secs_f64();
    server.stop().await?;
    Ok(took)
}

/// Seconds until the first event has arrived at the sink.
async fn first_delivery(folder: &Path) -> anyhow::Result<f64> {
    let sink = HttpSink::start().await?;
    let began = Instant::now();
    let server = tidings::start(folder, &tidings::http_sink(&sink.url(), 16)).await?;
    sink.wait_for(1, LIMIT).await?;
    let took = began.elapsed().as_secs_f64();
    server.stop().await?;
    Ok(took)
}
