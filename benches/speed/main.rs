//! How fast the real thing is, and against what: `scripts/bench` runs it, `docs/benchmarks.md`
//! explains it.
//!
//! ```text
//! rows ─▶ loader ──signed webhooks──▶ server under test ─▶ file, HTTP sink
//!      ◀─ rate, latencies             ◀─ processor, memory (from /proc)
//! ```
//!
//! Everything that works runs as a process of its own: the servers, the loader, the sink. Most of
//! them are this program in another role.

mod appending;

mod bench;

mod connection;

mod database;

mod events;

mod figures;

mod folding;

mod goals;

mod load;

mod machine;

mod measure;

mod process;

mod report;

mod rows;

mod servers;

mod waiters;

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum as _;
use serde::Serialize;
use tokio::runtime;

use self::appending::Filling;
use self::bench::Bench;
use self::bench::Peer;
use self::folding::Folding;
use self::load::Plan;
use self::report::Report;
use self::rows::Row;
use self::servers::http_sink::Manner;
use self::waiters::Waiters;

/// The webhook secret of every server here.
const SECRET: &str = "whsec-of-the-bench";

/// What opens the API of the real thing.
const TOKEN: &str = "token-of-the-bench";

/// The name of the one sink.
const SINK: &str = "bench";

/// Measures Tidings.
#[derive(Debug, Parser)]
#[command(name = "scripts/bench", args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    measuring: Measuring,
}

/// What to measure.
#[derive(Debug, clap::Args)]
struct Measuring {
    /// Only these rows.
    rows: Vec<Row>,
    /// Only see that everything works: the figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Hold it against a receiver that you started.
    #[arg(long = "peer", value_name = "NAME=URL")]
    peers: Vec<Peer>,
    /// A Python that has `fastapi` and `uvicorn`.
    #[arg(long)]
    python: Option<PathBuf>,
    /// Given by `cargo bench`; it means nothing here.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a process of its own does.
#[derive(Debug, Subcommand)]
#[command(hide = true)]
enum Role {
    /// Sends webhooks.
    Load(Plan),
    /// Waits for tasks.
    Wait(Waiters),
    /// Fills a database.
    Fill(Filling),
    /// Works out the tasks of a database.
    FoldTasks(Folding),
    /// Receives and keeps nothing.
    Forgetful,
    /// Receives with a transaction for each event.
    Single { folder: PathBuf },
    /// Takes what an HTTP sink posts.
    HttpSink(Manner),
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut runtime = match arguments.role {
        // One thread: it leaves the servers the rest.
        Some(Role::Load(_) | Role::Wait(_)) => runtime::Builder::new_current_thread(),
        _ => runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.role {
        None => measure(arguments.measuring).await,
        Some(Role::Load(plan)) => answer(&plan.carry_out().await?),
        Some(Role::Wait(waiters)) => answer(&waiters.carry_out().await?),
        Some(Role::Fill(filling)) => answer(&filling.carry_out().await?),
        Some(Role::FoldTasks(folding)) => answer(&folding.carry_out().await?),
        Some(Role::Forgetful) => servers::forgetful::serve().await,
        Some(Role::Single { folder }) => servers::single::serve(&folder).await,
        Some(Role::HttpSink(manner)) => servers::http_sink::serve(manner).await,
    }
}

async fn measure(measuring: Measuring) -> anyhow::Result<()> {
    let work = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("speed");
    let bench = Bench {
        peers: measuring.peers,
        python: measuring.python,
        ..if measuring.quick {
            Bench::quick(work)
        } else {
            Bench::full(work)
        }
    };
    fs::create_dir_all(&bench.work)?;
    let mut rows = measuring.rows;
    if rows.is_empty() {
        rows = Row::value_variants().to_vec();
    }

    let mut report = Report::default();
    report.about(machine::describe(&bench.work)?);
    for row in rows {
        progress(row);
        row.run(&bench, &mut report).await?;
    }
    report.print();
    Ok(())
}

/// Says what is measured now.
#[expect(clippy::print_stderr, reason = "somebody waits at the terminal")]
fn progress(row: Row) {
    eprintln!("measuring: {row:?}");
}

/// Tells the parent process what came of it.
#[expect(clippy::print_stdout, reason = "the parent process reads it")]
fn answer(answer: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(answer)?);
    Ok(())
}
