//! Appending as the database grows: random task ids, four events each, every filter indexed.

use crate::appending::Filling;
use crate::bench::Bench;
use crate::figures::Rounds;
use crate::figures::show;
use crate::goals;
use crate::report::Report;

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    // The first sample is over in a fraction of a second: one round alone says little.
    let mut rounds = Vec::new();
    for _ in 0..bench.rounds {
        rounds.push(fill(bench).await?);
    }

    for (index, size) in bench.sizes.iter().enumerate() {
        let rates: Rounds = rounds.iter().map(|rates| rates[index]).collect();
        report.figure(
            format!("appends a second with {size} events stored, 64 at once"),
            show(rates.median()),
        );
    }
    let last = bench.sizes.len() - 1;
    let kept = rounds.iter().map(|rates| rates[last] / rates[0]);
    report.goal(&goals::GROWTH, &kept.collect());
    Ok(())
}

/// Fills a database and returns the rate at each size.
async fn fill(bench: &Bench) -> anyhow::Result<Vec<f64>> {
    let filling = Filling {
        folder: bench.folder("growth")?,
        sizes: bench.sizes.clone(),
        sample: bench.sizes[0],
        at_once: 64,
        owed: false,
    };
    filling.run().await
}
