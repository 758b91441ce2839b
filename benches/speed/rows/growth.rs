//! Appending as the database grows: random task ids, four events each, every filter indexed.

use crate::appending::Filling;
use crate::bench::Bench;
use crate::figures::show;
use crate::goals;
use crate::report::Report;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let filling = Filling {
        folder: bench.folder("growth")?,
        sizes: bench.sizes.clone(),
        sample: bench.sizes[0],
        at_once: 64,
        owed: false,
    };
    let rates = filling.run().await?;

    for (size, rate) in bench.sizes.iter().zip(&rates) {
        report.figure(
            format!("appends a second with {size} events stored, 64 at once"),
            show(*rate),
        );
    }
    if let (Some(first), Some(last)) = (rates.first(), rates.last()) {
        report.goal(&goals::GROWTH, &(last / first).into());
    }
    Ok(())
}
