//! What the figures are held against. Nearly all are ratios within one run, because machines differ
//! and so does one machine from hour to hour.

use std::fmt;

use crate::figures::show;

/// A figure to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// What is measured.
    pub(crate) what: &'static str,
    /// What must be reached.
    pub(crate) first: Bound,
    /// What is hoped for.
    pub(crate) then: &'static str,
}

/// On which side of a figure to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
    /// Less than this.
    Below(f64),
}

impl Bound {
    /// Whether a figure is on the right side.
    pub(crate) fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound) => figure >= bound,
            Self::AtMost(bound) => figure <= bound,
            Self::Below(bound) => figure < bound,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "≥ {}", show(*bound)),
            Self::AtMost(bound) => write!(f, "≤ {}", show(*bound)),
            Self::Below(bound) => write!(f, "< {}", show(*bound)),
        }
    }
}

const fn goal(what: &'static str, first: Bound, then: &'static str) -> Goal {
    Goal { what, first, then }
}

/// 64 connections.
pub(crate) const DURABLE: Goal = goal(
    "b1 durable, no sink ÷ a verify only",
    Bound::AtLeast(0.33),
    "≥ 0.45",
);

/// 64 connections.
pub(crate) const DELIVERED: Goal = goal(
    "b2 durable and delivered to a file ÷ a verify only",
    Bound::AtLeast(0.15),
    "≥ 0.25",
);

/// 64 connections.
pub(crate) const SINGLE: Goal = goal(
    "b2 ÷ c a transaction for each request",
    Bound::AtLeast(5.0),
    "≥ 8",
);

/// 64 connections.
pub(crate) const FASTAPI: Goal = goal("b2 ÷ FastAPI, storing nothing", Bound::AtLeast(2.0), "≥ 3");

/// 64 connections.
pub(crate) const FASTAPI_WAL: Goal = goal(
    "b2 ÷ FastAPI with SQLite in WAL mode",
    Bound::AtLeast(6.0),
    "≥ 9",
);

/// 64 connections; one of them is named `svix-bridge`.
pub(crate) const SVIX: Goal = goal(
    "b1 ÷ svix-bridge → Redis, in memory",
    Bound::AtLeast(2.0),
    "≥ 3",
);

/// 64 connections; one of them is named `svix-bridge-durable`.
pub(crate) const SVIX_DURABLE: Goal = goal(
    "b1 ÷ svix-bridge → Redis, durable",
    Bound::AtLeast(7.0),
    "≥ 10",
);

/// Milliseconds at 64 connections.
pub(crate) const DURABLE_P99: Goal = goal("p99 of b1, ms", Bound::Below(10.0), "< 6");

/// Milliseconds at 64 connections.
pub(crate) const DELIVERED_P99: Goal = goal("p99 of b2, ms", Bound::Below(15.0), "< 10");

/// Seconds of load that are still to be delivered when the load ends.
pub(crate) const BACKLOG: Goal = goal(
    "b2: backlog when the load ends, s of load",
    Bound::Below(1.0),
    "< 1",
);

/// Events that are not in the file five seconds later.
pub(crate) const MISSING: Goal = goal(
    "b2: events missing in the file 5 s later",
    Bound::AtMost(0.0),
    "0",
);

/// Milliseconds.
pub(crate) const ONE_CONNECTION: Goal = goal(
    "p50 of b1 at one connection, ms",
    Bound::AtMost(0.6),
    "≤ disk + no-op + 0.1",
);

/// By the length of the body.
pub(crate) const CANONICAL: [Goal; 3] = [
    goal(
        "canonical + HMAC, 350 B: times CPython",
        Bound::AtLeast(8.0),
        "≥ 10",
    ),
    goal(
        "canonical + HMAC, 4 KB: times CPython",
        Bound::AtLeast(3.5),
        "≥ 6",
    ),
    goal(
        "canonical + HMAC, 64 KB: times CPython",
        Bound::AtLeast(2.5),
        "≥ 5",
    ),
];

/// Deliveries a second.
pub(crate) const DRAIN: Goal = goal(
    "drain to an HTTP sink, 32 in flight, a second",
    Bound::AtLeast(15_000.0),
    "≥ 30,000",
);

/// Medians at 500 events a second, beside a sink that is down and one that answers in two seconds,
/// against the fast sink alone.
pub(crate) const NEIGHBOURS: [Goal; 2] = [
    goal(
        "from receipt to a fast sink: beside slow and dead ones ÷ alone",
        Bound::AtMost(1.3),
        "≤ 1.1",
    ),
    goal(
        "acknowledging: with slow and dead sinks ÷ without",
        Bound::AtMost(1.3),
        "≤ 1.1",
    ),
];

/// All filters indexed.
pub(crate) const GROWTH: Goal = goal(
    "insert rate at 1 M events ÷ at 10 k",
    Bound::AtLeast(0.8),
    "≥ 0.9 at 10 M",
);

/// One sink and its attempts included.
pub(crate) const BYTES: Goal = goal("bytes stored per byte of body", Bound::AtMost(2.2), "≤ 1.8");

/// Start with a million pending against an empty one, in seconds more.
pub(crate) const START: Goal = goal(
    "start with 1 M pending − empty start, s",
    Bound::AtMost(0.1),
    "≤ 0.1",
);

/// MB.
pub(crate) const MEMORY: [Goal; 2] = [
    goal(
        "peak memory of b1 at 64 connections, MB",
        Bound::AtMost(48.0),
        "≤ 32",
    ),
    goal(
        "peak memory of b1 at 256 connections, MB",
        Bound::AtMost(48.0),
        "≤ 32",
    ),
];

/// Milliseconds, with ten thousand waiting, each for a task of its own.
pub(crate) const WAITING: Goal = goal(
    "10 k waiters: from a task's end (its 200) to the answer, worst, ms",
    Bound::Below(50.0),
    "< 10",
);

/// Percent of one processor.
pub(crate) const IDLE: Goal = goal("idle, % of one processor", Bound::Below(0.2), "< 0.2");
