//! Receiving at a fixed rate, as in life: a stall is charged with every request that waited.

use super::delivered;
use super::receive::DELIVERED;
use super::receive::DURABLE;
use crate::bench::Bench;
use crate::load::Plan;
use crate::measure;
use crate::process::Server;
use crate::report::Report;
use crate::servers::tidings;

/// Far more than any project sends.
const RATE: u32 = 5_000;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let plan = |server: &Server| Plan {
        rate: Some(RATE),
        ..bench.plan(server.address, 64, RATE)
    };
    let server = tidings::start(&bench.folder("b1")?, "").await?;
    let durable = measure::load(&server, &plan(&server)).await?;
    server.stop().await?;
    let (delivered, _) = delivered::run(&bench.folder("b2")?, plan).await?;

    report.load(&format!("{DURABLE}, {RATE}/s"), 64, &[durable]);
    report.load(&format!("{DELIVERED}, {RATE}/s"), 64, &[delivered]);
    Ok(())
}
