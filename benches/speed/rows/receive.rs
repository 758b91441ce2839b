//! Receiving at 64 connections: a, b1, b2, c and the peers, one after the other in each round.

use super::delivered;
use super::delivered::Delivered;
use crate::bench::Bench;
use crate::figures::Rounds;
use crate::goals;
use crate::goals::Goal;
use crate::load::Plan;
use crate::measure;
use crate::measure::Run;
use crate::measure::Runs;
use crate::process::Server;
use crate::report::Report;
use crate::servers::tidings;

const CONNECTIONS: usize = 64;

/// What no server of a kind can do in a second.
const MUCH: u32 = 120_000;
const LITTLE: u32 = 15_000;

/// A verify only.
pub(super) const VERIFY: &str = "a: verify only";
/// B1.
pub(super) const DURABLE: &str = "b1: durable, no sink";
/// B2.
pub(super) const DELIVERED: &str = "b2: durable and delivered to a file";
/// C.
const SINGLE: &str = "c: a transaction for each request";
/// A peer.
const FASTAPI: &str = "FastAPI, storing nothing";
/// A peer.
const FASTAPI_WAL: &str = "FastAPI, SQLite in WAL mode";

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let mut runs = Runs::default();
    let mut delivered = Vec::new();
    for _ in 0..bench.rounds {
        round(bench, &mut runs, &mut delivered).await?;
    }

    for (name, runs) in runs.all() {
        report.load(name, CONNECTIONS, runs);
    }
    for (goal, faster, slower) in [
        (&goals::DURABLE, DURABLE, VERIFY),
        (&goals::DELIVERED, DELIVERED, VERIFY),
        (&goals::SINGLE, DELIVERED, SINGLE),
        (&goals::FASTAPI, DELIVERED, FASTAPI),
        (&goals::FASTAPI_WAL, DELIVERED, FASTAPI_WAL),
        (&goals::SVIX, DURABLE, "svix-bridge"),
        (&goals::SVIX_DURABLE, DURABLE, "svix-bridge-durable"),
    ] {
        ratio(report, goal, runs.of(faster), runs.of(slower));
    }
    for (goal, name, of) in [
        (&goals::DURABLE_P99, DURABLE, Run::p99 as fn(&Run) -> f64),
        (&goals::DELIVERED_P99, DELIVERED, Run::p99),
        (&goals::MEMORY[0], DURABLE, Run::memory),
    ] {
        let figures = runs.of(name).unwrap_or_default().iter().map(of);
        report.goal(goal, &figures.collect());
    }
    delivered::report(&delivered, report);
    Ok(())
}

async fn round(
    bench: &Bench,
    runs: &mut Runs,
    delivered: &mut Vec<Delivered>,
) -> anyhow::Result<()> {
    let server = bench.verify_only().await?;
    runs.note(VERIFY, under_load(bench, server, MUCH).await?);

    let server = tidings::start(&bench.folder("b1")?, "").await?;
    runs.note(DURABLE, under_load(bench, server, MUCH).await?);

    let plan = |server: &Server| bench.plan(server.address, CONNECTIONS, MUCH);
    let (run, arrived) = delivered::run(&bench.folder("b2")?, plan).await?;
    runs.note(DELIVERED, run);
    delivered.push(arrived);

    let server = bench.single().await?;
    runs.note(SINGLE, under_load(bench, server, LITTLE).await?);

    for (name, store) in [(FASTAPI, "none"), (FASTAPI_WAL, "wal")] {
        if let Some(server) = bench.fastapi(store).await? {
            runs.note(name, under_load(bench, server, LITTLE).await?);
        }
    }
    for peer in &bench.peers {
        let plan = Plan {
            path: peer.url.path().to_owned(),
            ..bench.plan(peer.address()?, CONNECTIONS, MUCH)
        };
        runs.note(&peer.name, measure::load_stranger(&plan).await?);
    }
    Ok(())
}

async fn under_load(bench: &Bench, server: Server, at_most: u32) -> anyhow::Result<Run> {
    let plan = bench.plan(server.address, CONNECTIONS, at_most);
    let run = measure::load(&server, &plan).await?;
    server.stop().await?;
    Ok(run)
}

/// Each round's rates held against each other; nothing where one of the two did not run.
fn ratio(report: &mut Report, goal: &Goal, faster: Option<&[Run]>, slower: Option<&[Run]>) {
    if let (Some(faster), Some(slower)) = (faster, slower) {
        let ratios: Rounds = faster
            .iter()
            .zip(slower)
            .map(|(faster, slower)| faster.outcome.rate / slower.outcome.rate)
            .collect();
        report.goal(goal, &ratios);
    }
}
