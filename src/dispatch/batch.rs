//! What goes to a sink together.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error as _;

use crate::delivery::Lease;
use crate::period;

/// How many go together at most, whatever is configured: they are held in memory, and settled in
/// one transaction.
const MOST: usize = 1000;

/// How a sink takes several deliveries at once.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchPolicy {
    /// How many at most.
    #[serde(deserialize_with = "some")]
    pub max: NonZeroUsize,

    /// For how long what is due waits for more, unless there are as many.
    #[serde(with = "period")]
    pub wait: Duration,
}

impl Default for BatchPolicy {
    fn default() -> Self {
        Self {
            max: const { NonZeroUsize::new(100).expect("100 is not 0") },
            wait: Duration::from_secs(1),
        }
    }
}

fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroUsize, D::Error> {
    let max = usize::deserialize(deserializer)?;
    NonZeroUsize::new(max)
        .filter(|max| max.get() <= MOST)
        .ok_or_else(|| D::Error::custom(format!("a batch is of 1 to {MOST} events")))
}

/// What one try is for: deliveries that go to a sink together. Most sinks take one at a time.
pub(super) type Load = Vec<Lease>;

/// Parts what was leased for a sink into what goes together, at most so many: live events with live
/// events, and what is sent once more with its like, because a request says which it is. Whoever
/// was refused in company goes alone.
///
/// Every head of a lane goes, and those behind them as far as there is room. Who stands behind one
/// that is not taken along stays where it is: nobody holds it but the head.
pub(super) fn part(leases: Vec<Lease>, max: usize) -> Vec<Load> {
    let goes_along = |lease: &&Lease| !lease.goes_alone && !lease.replay;
    let heads = leases.iter().filter(goes_along);
    let heads = heads.filter(|lease| lease.held_by.is_none()).count();
    let mut room_behind = max.saturating_sub(heads);
    let mut cut = HashSet::new();
    let (mut live, mut replays, mut alone) = (Load::new(), Load::new(), Vec::new());
    for lease in leases {
        match lease.held_by {
            Some(head) => {
                let takes = !lease.goes_alone && !cut.contains(&head.delivery);
                if takes && room_behind > 0 {
                    room_behind -= 1;
                    live.push(lease);
                } else {
                    cut.insert(head.delivery);
                }
            }
            None if lease.goes_alone => {
                cut.insert(lease.delivery);
                alone.push(vec![lease]);
            }
            None if lease.replay => replays.push(lease),
            None => live.push(lease),
        }
    }
    let company = [live, replays].into_iter().filter(|load| !load.is_empty());
    company.chain(alone).collect()
}

/// What is left of a load of which only the first few went: those whose lane's head is still held.
pub(super) fn left(mut load: Load, went: usize) -> Load {
    let mut left = load.split_off(went.min(load.len()));
    let heads: HashSet<_> = left
        .iter()
        .filter(|lease| lease.held_by.is_none())
        .map(|lease| lease.delivery)
        .collect();
    left.retain(|lease| {
        lease
            .held_by
            .is_none_or(|head| heads.contains(&head.delivery))
    });
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_policy_keeps_the_other_default() {
        let policy: BatchPolicy = toml::from_str("max = 7").unwrap();
        let expected = BatchPolicy {
            max: NonZeroUsize::new(7).unwrap(),
            ..BatchPolicy::default()
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_refused() {
        for (bad, says) in [
            ("max = 0", "of 1 to 1000 events"),
            ("max = 1001", "of 1 to 1000 events"),
            ("wait = \"soon\"", "no length of time"),
            ("size = 3", "unknown field `size`"),
        ] {
            let error = toml::from_str::<BatchPolicy>(bad).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
