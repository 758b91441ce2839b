//! How long a request may take, and when one that failed is sent once more.

use std::time::Duration;

use super::error::Trouble;

/// The longest that a `Retry-After` is waited for, as the vendor's own SDK has it.
const LONGEST_ASKED: Duration = Duration::from_secs(10);

/// How long a request may take, and how often and after how long one that failed is sent once more.
/// The default is what the vendor's newest SDK does.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long one try may take, unless the vendor has work to do for it.
    pub timeout: Duration,
    /// Tries after the first.
    pub retries: u32,
    /// How long to wait before the first of them; doubled each time.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            retries: 3,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(10),
        }
    }
}

impl Patience {
    /// How long to wait before the next try, after so many `failures` before this one. None: it is
    /// not tried again. What is not `safe` is sent again only when it certainly did nothing.
    pub(super) fn delay(
        &self,
        trouble: &Trouble,
        is_safe: bool,
        failures: u32,
    ) -> Option<Duration> {
        if failures >= self.retries {
            return None;
        }
        let asked = match trouble {
            Trouble::TooManySessions { retry_after, .. }
            | Trouble::TooOften { retry_after, .. } => *retry_after,
            Trouble::Down {
                is_passing: true,
                retry_after,
                ..
            } if is_safe => *retry_after,
            _ => return None,
        };
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures));
        Some(match asked {
            Some(asked) => asked.min(LONGEST_ASKED),
            None => doubled.min(self.longest),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(retry_after: Option<Duration>) -> Trouble {
        Trouble::TooManySessions {
            said: String::new(),
            retry_after,
        }
    }

    fn down(is_passing: bool) -> Trouble {
        Trouble::Down {
            cause: String::new(),
            is_passing,
            retry_after: None,
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end() {
        let waits = |patience: Patience| -> Vec<_> {
            (0..)
                .map_while(|failures| patience.delay(&busy(None), false, failures))
                .map(|wait| wait.as_millis())
                .collect()
        };
        assert_eq!(waits(Patience::default()), [500, 1000, 2000]);
        let patient = Patience {
            retries: 7,
            ..Patience::default()
        };
        assert_eq!(waits(patient)[4..], [8000, 10_000, 10_000]);
    }

    #[test]
    fn the_vendor_is_waited_for_as_long_as_it_asks_up_to_a_limit() {
        let wait = |seconds| {
            let asked = busy(Some(Duration::from_secs(seconds)));
            Patience::default().delay(&asked, true, 0)
        };
        assert_eq!(wait(3), Some(Duration::from_secs(3)));
        assert_eq!(wait(3600), Some(LONGEST_ASKED));
    }

    #[test]
    fn what_changes_something_is_not_sent_again_when_nobody_knows_whether_it_did() {
        let is_tried_again = |trouble, is_safe| {
            let wait = Patience::default().delay(&trouble, is_safe, 0);
            wait.is_some()
        };
        assert!(is_tried_again(down(true), true));
        assert!(!is_tried_again(down(true), false));
        assert!(is_tried_again(busy(None), false));
    }

    #[test]
    fn what_will_not_pass_is_not_tried_again() {
        for trouble in [down(false), Trouble::NoKey, Trouble::BadKey(String::new())] {
            assert_eq!(Patience::default().delay(&trouble, true, 0), None);
        }
    }
}
