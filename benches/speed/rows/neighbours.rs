//! A fast sink beside one that is down and one that answers in two seconds: neither it nor whoever
//! sends may notice them.

use std::time::Duration;

use crate::bench::Bench;
use crate::figures::Rounds;
use crate::figures::show;
use crate::goals;
use crate::load::Plan;
use crate::measure;
use crate::measure::Run;
use crate::report::Report;
use crate::servers::http_sink::Arrived;
use crate::servers::http_sink::HttpSink;
use crate::servers::http_sink::Manner;
use crate::servers::tidings;

/// Events a second.
const RATE: u32 = 500;

/// How many requests are under way to each sink.
const IN_FLIGHT: usize = 16;

/// How long the slow sink takes, in milliseconds.
const SLOW: u64 = 2_000;

/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9/hook";

/// When the fast sink must have everything.
const LIMIT: Duration = Duration::from_secs(30);

/// How a round went.
struct Round {
    sent: Run,
    arrived: Arrived,
}

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let slow = HttpSink::with(&Manner {
        answers_after: SLOW,
        ..Manner::default()
    })
    .await?;
    let others = tidings::http_sink_called("slow", &slow.url(), IN_FLIGHT)
        + &tidings::http_sink_called("dead", NOBODY, IN_FLIGHT);

    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds {
        alone.push(round(bench, "").await?);
        beside.push(round(bench, &others).await?);
    }

    let ratio = |of: fn(&Round) -> f64| {
        let pairs = alone.iter().zip(&beside);
        pairs
            .map(|(alone, beside)| of(beside) / of(alone))
            .collect::<Rounds>()
    };
    let [delivering, acknowledging] = &goals::NEIGHBOURS;
    report.goal(delivering, &ratio(|round| round.arrived.p50));
    report.goal(acknowledging, &ratio(|round| round.sent.outcome.p50));
    for (how, rounds) in [("alone", &alone), ("beside slow and dead ones", &beside)] {
        let median = |of: fn(&Arrived) -> f64| {
            let rounds = rounds.iter().map(|round| of(&round.arrived));
            show(rounds.collect::<Rounds>().median())
        };
        report.figure(
            format!("from receipt to a fast sink {how}, {RATE}/s: p50 / p99, ms"),
            format!("{} / {}", median(|it| it.p50), median(|it| it.p99)),
        );
        let runs: Vec<Run> = rounds.iter().map(|round| round.sent.clone()).collect();
        report.load(&format!("a fast sink {how}, {RATE}/s"), IN_FLIGHT, &runs);
    }
    Ok(())
}

/// A load on a server with a fast sink, and with the others that `others` writes down.
async fn round(bench: &Bench, others: &str) -> anyhow::Result<Round> {
    let fast = HttpSink::with(&Manner {
        looks: true,
        ..Manner::default()
    })
    .await?;
    let sinks = tidings::http_sink(&fast.url(), IN_FLIGHT) + others;
    let server = tidings::start(&bench.folder("neighbours")?, &sinks).await?;
    let plan = Plan {
        rate: Some(RATE),
        ..bench.plan(server.address, IN_FLIGHT, RATE)
    };
    let sent = measure::load(&server, &plan).await?;
    let arrived = fast.wait_for(sent.outcome.acknowledged, LIMIT).await?;
    server.stop().await?;
    Ok(Round { sent, arrived })
}
