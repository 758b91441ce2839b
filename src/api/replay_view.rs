//! Replays as JSON.

use serde::Serialize;

use crate::event::view::time;
use crate::name::SinkName;
use crate::replay::Again;
use crate::replay::ReplayId;
use crate::replay::ReplayState;
use crate::replays::Count;
use crate::store::DeliveryFilter;
use crate::store::EventFilter;
use crate::store::Part;
use crate::store::Replay;
use crate::store::Selection;

/// What a replay would owe, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct CountView {
    matched: u64,
    /// Whether counting stopped before it had seen all.
    more: bool,
    owed: u64,
    parts: Vec<CountPart>,
}

#[derive(Debug, Serialize)]
struct CountPart {
    sink: SinkName,
    owed: u64,
}

impl CountView {
    pub(super) fn new(count: &Count) -> Self {
        let part = |(sink, owed): &(SinkName, u64)| CountPart {
            sink: sink.clone(),
            owed: *owed,
        };
        Self {
            matched: count.matched,
            more: count.more,
            owed: count.sinks.iter().map(|(_, owed)| owed).sum(),
            parts: count.sinks.iter().map(part).collect(),
        }
    }
}

/// A replay as JSON.
#[derive(Debug, Serialize)]
pub(super) struct ReplayView {
    id: ReplayId,
    kind: Again,
    state: ReplayState,
    filter: Filter,
    sinks: Vec<SinkName>,
    matched: u64,
    progress: f64,
    #[serde(flatten)]
    sums: Sums,
    parts: Vec<PartView>,
    created_at: String,
    finished_at: Option<String>,
}

/// The filter, with the names that a listing has for its parts.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Filter {
    Events(EventFilter),
    Deliveries(DeliveryFilter),
}

/// A replay at one of its sinks, as JSON.
#[derive(Debug, Serialize)]
struct PartView {
    sink: SinkName,
    progress: f64,
    #[serde(flatten)]
    sums: Sums,
}

/// How many deliveries a replay has owed, and where they stand.
#[derive(Debug, Serialize)]
struct Sums {
    owed: u64,
    pending: u64,
    delivered: u64,
    dead: u64,
    discarded: u64,
}

impl ReplayView {
    pub(super) fn new(replay: &Replay) -> Self {
        let parts = &replay.parts;
        Self {
            id: replay.id,
            kind: replay.selection.again(),
            state: replay.state,
            filter: match &replay.selection {
                Selection::Events(filter) => Filter::Events(filter.clone()),
                Selection::Deliveries(filter) => Filter::Deliveries(filter.clone()),
            },
            sinks: parts.iter().map(|part| part.sink.clone()).collect(),
            matched: replay.matched,
            progress: progress(parts),
            sums: Sums::of(parts),
            parts: parts.iter().map(PartView::new).collect(),
            created_at: time(replay.created_at),
            finished_at: replay.finished_at.map(time),
        }
    }
}

impl PartView {
    fn new(part: &Part) -> Self {
        let alone = std::slice::from_ref(part);
        Self {
            sink: part.sink.clone(),
            progress: progress(alone),
            sums: Sums::of(alone),
        }
    }
}

impl Sums {
    fn of(parts: &[Part]) -> Self {
        let sum = |of: fn(&Part) -> u64| parts.iter().map(of).sum();
        Self {
            owed: sum(|part| part.owed),
            pending: sum(|part| part.pending),
            delivered: sum(|part| part.delivered),
            dead: sum(|part| part.dead),
            discarded: sum(|part| part.discarded),
        }
    }
}

/// Which share of what a replay is about it has gone through, from 0 to 1, to the thousandth.
fn progress(parts: &[Part]) -> f64 {
    let gone = |part: &Part| (part.reached - part.behind).unsigned_abs();
    let way = |part: &Part| (part.through - part.behind).unsigned_abs();
    let all: u64 = parts.iter().map(way).sum();
    let thousandths = match all {
        0 => 1000,
        all => u128::from(parts.iter().map(gone).sum::<u64>()) * 1000 / u128::from(all),
    };
    f64::from(u32::try_from(thousandths).unwrap_or(1000)) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_the_share_of_the_way_at_all_sinks() {
        let part = |behind, reached, through| Part {
            sink: "audit".parse().unwrap(),
            behind,
            reached,
            through,
            owed: 0,
            pending: 0,
            delivered: 0,
            dead: 0,
            discarded: 0,
        };
        assert!((progress(&[part(10, 10, 20), part(10, 20, 20)]) - 0.5).abs() < 1e-9);
        assert!((progress(&[part(0, 1, 3)]) - 0.333).abs() < 1e-9);
        assert!(
            (progress(&[part(0, 0, 0)]) - 1.0).abs() < 1e-9,
            "there is no way"
        );
    }
}
