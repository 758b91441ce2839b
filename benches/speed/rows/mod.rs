//! The rows of the report, a file a subject.

mod canonical;

mod connections;

mod delivered;

mod drain;

mod fold;

mod growth;

mod idle;

mod neighbours;

mod open_loop;

mod receive;

mod start;

mod waiting;

use clap::ValueEnum;

use crate::bench::Bench;
use crate::report::Report;

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// a, b1, b2, c and the peers at 64 connections; what is stored; what is delivered.
    Receive,
    /// a and b1 at 1, 16 and 256 connections.
    Connections,
    /// b1 and b2 at a fixed rate.
    OpenLoop,
    /// Pending deliveries to an HTTP sink.
    Drain,
    /// A fast sink, alone and beside one that is down and one that is slow.
    Neighbours,
    /// Working out how tasks stand.
    Fold,
    /// Appending as the database grows.
    Growth,
    /// Starting with many pending deliveries.
    Start,
    /// A crowd that waits for the end of tasks.
    Waiting,
    /// Doing nothing.
    Idle,
    /// Verifying against `CPython`.
    Canonical,
}

impl Row {
    /// Measures it.
    pub(crate) async fn run(self, bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
        match self {
            Self::Receive => receive::run(bench, report).await,
            Self::Connections => connections::run(bench, report).await,
            Self::OpenLoop => open_loop::run(bench, report).await,
            Self::Drain => drain::run(bench, report).await,
            Self::Neighbours => neighbours::run(bench, report).await,
            Self::Fold => fold::run(bench, report).await,
            Self::Growth => growth::run(bench, report).await,
            Self::Start => start::run(bench, report).await,
            Self::Waiting => waiting::run(bench, report).await,
            Self::Idle => idle::run(bench, report).await,
            Self::Canonical => canonical::run(bench, report).await,
        }
    }
}
