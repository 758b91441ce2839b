//! Receiving at other numbers of connections.

use super::receive::DURABLE;
use super::receive::VERIFY;
use crate::bench::Bench;
use crate::goals;
use crate::measure;
use crate::report::Report;
use crate::servers::tidings;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    for connections in [1, 16, 256] {
        let server = bench.verify_only().await?;
        let plan = bench.plan(server.address, connections, 120_000);
        let verify = measure::load(&server, &plan).await?;
        server.stop().await?;

        let server = tidings::start(&bench.folder("b1")?, "").await?;
        let plan = bench.plan(server.address, connections, 100_000);
        let durable = measure::load(&server, &plan).await?;
        server.stop().await?;

        if connections == 1 {
            report.goal(&goals::ONE_CONNECTION, &durable.outcome.p50.into());
        }
        if connections == 256 {
            report.goal(&goals::MEMORY[1], &durable.memory().into());
        }
        report.load(VERIFY, connections, &[verify]);
        report.load(DURABLE, connections, &[durable]);
    }
    Ok(())
}
