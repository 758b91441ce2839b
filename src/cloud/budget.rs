//! How many requests leave: one budget for the whole process.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio::time::sleep_until;

use crate::rate::Rate;

/// Lets requests leave in the order in which they asked, and in no stretch of time more than the
/// rate allows.
#[derive(Debug)]
pub(super) struct Budget {
    window: Mutex<Window>,
    /// The budget that this one is a share of.
    whole: Option<Arc<Budget>>,
}

impl Budget {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            window: Mutex::new(Window {
                rate,
                left: VecDeque::new(),
            }),
            whole: None,
        }
    }

    /// A share of a budget: half of it.
    pub(super) fn half(whole: &Arc<Self>, rate: Rate) -> Self {
        Self {
            whole: Some(Arc::clone(whole)),
            ..Self::new(Rate {
                per: rate.per * 2,
                ..rate
            })
        }
    }

    /// Waits until one more may leave. The lock is the line: who waits for room holds it, those
    /// behind wait for the lock, and whoever goes away leaves no gap.
    pub(super) async fn take(&self) {
        let mut window = self.window.lock().await;
        if let Some(opens) = window.opens() {
            sleep_until(opens).await;
        }
        if let Some(whole) = &self.whole {
            Box::pin(whole.take()).await;
        }
        window.leave(Instant::now());
    }
}

/// When requests left that still count.
#[derive(Debug)]
struct Window {
    rate: Rate,
    left: VecDeque<Instant>,
}

impl Window {
    /// When one more may leave; none: at once. It may have passed.
    fn opens(&self) -> Option<Instant> {
        let is_full = self.left.len() >= self.rate.times.get() as usize;
        let oldest = self.left.front().filter(|_| is_full)?;
        Some(*oldest + self.rate.per)
    }

    /// One leaves, and what left too long ago to count is forgotten.
    fn leave(&mut self, now: Instant) {
        let per = self.rate.per;
        while self.left.front().is_some_and(|left| *left + per <= now) {
            self.left.pop_front();
        }
        self.left.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_no_stretch_of_time_more_leave_than_the_rate_allows(
            times in 1_u32..20,
            pauses in prop::collection::vec(0_u64..3000, 1..200),
        ) {
            let rate = Rate::per_second(times);
            let mut window = Window { rate, left: VecDeque::new() };
            let mut now = Instant::now();
            let mut left = Vec::new();
            for pause in pauses {
                // Most ask at once, some after a while.
                now += Duration::from_millis(pause.saturating_sub(2000));
                now = window.opens().map_or(now, |opens| now.max(opens));
                window.leave(now);
                left.push(now);
            }
            for stretch in left.windows(times as usize + 1) {
                prop_assert!(stretch[times as usize] - stretch[0] >= Duration::from_secs(1));
            }
        }
    }

    #[test]
    fn what_the_rate_allows_leaves_at_once() {
        let mut window = Window {
            rate: Rate::per_second(2),
            left: VecDeque::new(),
        };
        let begun = Instant::now();
        for _ in 0..2 {
            assert_eq!(window.opens(), None);
            window.leave(begun);
        }
        assert_eq!(window.opens(), Some(begun + Duration::from_secs(1)));
    }
}
