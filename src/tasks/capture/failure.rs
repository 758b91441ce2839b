//! Why files could not be kept, and what that means.

use std::io;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cloud::CloudError;
use crate::cloud::Trouble;
use crate::store::Captured;
use crate::store::OpenCapture;
use crate::store::StoreError;

/// For how long the vendor keeps what a task left behind.
pub(super) const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long to wait after the first failure; doubled each time.
const FIRST: SignedDuration = SignedDuration::from_mins(1);

/// How long to wait at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// Why files could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The Cloud API did not tell, or a file did not come.
    #[error(transparent)]
    Cloud(#[from] CloudError),

    /// The Cloud API does not know the task.
    #[error("Browser Use does not know the task, or not any more: {0}")]
    Unknown(CloudError),

    /// What is known cannot be read, or what became of a file not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// The folder does not take it.
    #[error("the folder `capture.folder` cannot be written")]
    Folder(#[from] io::Error),

    /// There is no room.
    #[error(
        "the folder holds what `capture.max_total_bytes` allows, {0} bytes: remove files that are \
         no longer needed, or raise it"
    )]
    Full(u64),

    /// A file comes too slowly.
    #[error("`{name}` did not come within {} min", within.as_secs() / 60)]
    TooSlow {
        /// The file.
        name: Box<str>,
        /// How long it was waited for.
        within: Duration,
    },
}

impl Failure {
    /// The same, where it is the task that was asked for, and not one of its files.
    pub(super) fn of_the_task(self) -> Self {
        match self {
            Self::Cloud(error) if matches!(error.trouble, Trouble::NotFound { .. }) => {
                Self::Unknown(error)
            }
            other => other,
        }
    }

    /// Whether another file, or another task, may do better.
    pub(super) fn is_of_one_file(&self) -> bool {
        match self {
            Self::Cloud(error) => matches!(
                error.trouble,
                Trouble::Refused(_)
                    | Trouble::NotFound { .. }
                    | Trouble::NotYet(_)
                    | Trouble::NotUnderstood(_)
            ),
            Self::TooSlow { .. } | Self::Unknown(_) => true,
            Self::Store(_) | Self::Folder(_) | Self::Full(_) => false,
        }
    }

    /// What it means for a task: another try, unless the vendor has forgotten it by now.
    pub(super) fn judged(&self, open: &OpenCapture, reason: String, now: Timestamp) -> Captured {
        let reason = reason.into();
        let is_forgotten = now.duration_since(open.ended_at) >= REMEMBERED;
        if is_forgotten || matches!(self, Self::Unknown(_)) {
            return Captured::Lost { reason };
        }
        let at = now.saturating_add(pause(open.failures));
        Captured::Again {
            at: at.unwrap_or(Timestamp::MAX),
            reason,
        }
    }
}

/// How long to wait after so many failures before this one.
fn pause(failures: u32) -> SignedDuration {
    let doubled = 2_i32.checked_pow(failures);
    let doubled = doubled.and_then(|times| FIRST.checked_mul(times));
    doubled.map_or(LONGEST, |pause| pause.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskKey;
    use crate::task::TaskKind;

    #[test]
    fn waits_double_up_to_six_hours() {
        let minutes: Vec<_> = (0..12).map(|failures| pause(failures).as_mins()).collect();
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360];
        assert_eq!(minutes, expected);
        assert_eq!(pause(u32::MAX), LONGEST);
    }

    #[test]
    fn a_task_is_tried_until_the_vendor_has_forgotten_it() {
        let ended_at = Timestamp::UNIX_EPOCH;
        let open = OpenCapture {
            task: 1,
            key: TaskKey {
                kind: TaskKind::Task,
                id: "t".into(),
            },
            ended_at,
            due_at: ended_at,
            failures: 30,
        };
        let judged = |hours| {
            let now = ended_at + SignedDuration::from_hours(hours);
            Failure::Full(1).judged(&open, "why".to_owned(), now)
        };
        assert!(matches!(judged(719), Captured::Again { .. }));
        assert!(matches!(judged(720), Captured::Lost { .. }));
    }
}
