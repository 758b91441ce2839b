//! What goes wrong, on request.

use std::collections::VecDeque;
use std::str::FromStr;
use std::time::Duration;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde::Serialize;
use uuid::Builder;
use uuid::Uuid;

/// How often something goes wrong: 0 never, 1 always.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "f64")]
pub struct Share(f64);

/// A number that is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is a number from 0 (never) to 1 (always)")]
pub struct NoShare;

impl Share {
    /// It happens each time.
    pub const ALWAYS: Self = Self(1.0);
}

impl TryFrom<f64> for Share {
    type Error = NoShare;

    fn try_from(share: f64) -> Result<Self, NoShare> {
        if (0.0..=1.0).contains(&share) {
            Ok(Self(share))
        } else {
            Err(NoShare)
        }
    }
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let share = text.parse::<f64>().map_err(|_malformed| NoShare)?;
        Self::try_from(share)
    }
}

/// What goes wrong. By default nothing does.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mischief {
    /// How long each answer of the API takes.
    #[serde(with = "crate::period")]
    pub latency: Duration,
    /// Requests that are answered with 429.
    pub too_many_requests: Share,
    /// What `Retry-After` says then, in seconds; nothing: there is no such header.
    pub retry_after: Option<u64>,
    /// Requests that are answered with 500.
    pub server_errors: Share,
    /// The statuses of the next answers, whatever is asked; then it goes on as before.
    pub next: VecDeque<u16>,
    /// How long after its end a run's output can be seen.
    #[serde(with = "crate::period")]
    pub output_lag: Duration,
    /// How long a new run is answered with 404, as v4 does for some seconds.
    #[serde(with = "crate::period")]
    pub not_yet: Duration,
    /// Webhooks that are never sent.
    pub lost: Share,
    /// Webhooks that are sent twice.
    pub duplicate: Share,
    /// Webhooks that come after the next one of their task.
    pub reordered: Share,
}

/// Chance, the same each time for the same seed.
#[derive(Debug)]
pub(super) struct Dice(StdRng);

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Whether it happens this time.
    pub(super) fn says(&mut self, share: Share) -> bool {
        self.0.random::<f64>() < share.0
    }

    /// An id that nothing else has.
    pub(super) fn id(&mut self) -> Uuid {
        Builder::from_random_bytes(self.0.random()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same() {
        let half = "0.5".parse().unwrap();
        let throw = |seed| {
            let mut dice = Dice::seeded(seed);
            let throws: Vec<bool> = (0..64).map(|_| dice.says(half)).collect();
            (throws, dice.id())
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
        assert!(throw(1).0.contains(&true) && throw(1).0.contains(&false));
    }

    #[test]
    fn never_is_never_and_always_is_always() {
        let mut dice = Dice::seeded(0);
        assert!((0..100).all(|_| dice.says(Share::ALWAYS) && !dice.says(Share::default())));
        for text in ["1.01", "-0.1", "NaN", "often"] {
            assert_eq!(text.parse::<Share>(), Err(NoShare));
        }
    }

    #[test]
    fn what_is_left_out_does_not_go_wrong() {
        let mischief: Mischief =
            serde_json::from_str(r#"{"latency":"20ms","lost":1,"next":[503]}"#).unwrap();
        assert_eq!(mischief.latency, Duration::from_millis(20));
        assert_eq!(mischief.lost, Share::ALWAYS);
        assert_eq!(mischief.duplicate, Share::default());
        serde_json::from_str::<Mischief>(r#"{"lots":1}"#).unwrap_err();
    }
}
