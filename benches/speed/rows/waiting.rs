//! Waiting for tasks' ends: what a crowd of waiters costs, and how soon they hear.

use ::tidings::open_files;

use crate::bench::Bench;
use crate::figures::show;
use crate::goals;
use crate::report::Report;
use crate::servers::tidings;
use crate::waiters::Waiters;

/// How many of the tasks end while it is measured.
const ENDS: usize = 500;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    // A connection is a file, for the server and for its clients.
    open_files::raise_limit();
    let crowd = bench.waiters;
    // Three quarters of them may wait.
    let server_keys = format!("max_connections = {}\n", crowd * 4 / 3 + 100);

    let folder = bench.folder("waiting-each")?;
    let server = tidings::start_with(&folder, &server_keys, "").await?;
    let each = Waiters {
        to: server.address,
        process: server.id()?,
        count: crowd,
        tasks: crowd,
        ends: ENDS.min(crowd),
    };
    let outcome = each.run().await?;
    server.stop().await?;
    report.goal(&goals::WAITING, &outcome.worst.into());
    report.figure(
        format!("memory of one of {crowd} waiters, its connection included, KB"),
        show(outcome.memory),
    );

    let folder = bench.folder("waiting-all")?;
    let server = tidings::start_with(&folder, &server_keys, "").await?;
    let all = Waiters {
        to: server.address,
        process: server.id()?,
        tasks: 1,
        ends: 1,
        ..each
    };
    let outcome = all.run().await?;
    server.stop().await?;
    report.figure(
        format!("one end that {crowd} wait for: from its 200 until the last has heard, ms"),
        show(outcome.worst),
    );
    Ok(())
}
