//! The output of a task, which may come some time after its end.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio::time::sleep_until;

use super::LookUpError;
use super::LookUps;
use crate::store::KeptReport;
use crate::task::TaskState;

/// How long after its end a task's output may come. What is not there by then is taken for none.
pub(super) const LAG: SignedDuration = SignedDuration::from_mins(2);

/// How long to wait before asking for it again, as the vendor's SDK does.
const PAUSE: Duration = Duration::from_secs(2);

/// Why there is no output.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoOutput {
    /// There is none.
    #[error("Browser Use has none: the task is {0}")]
    None(TaskState),

    /// It comes with the end.
    #[error("it comes when the task has ended")]
    NotEnded,

    /// It may still come.
    #[error("Browser Use does not have it yet")]
    NotYet,

    /// It cannot be asked for.
    #[error("{0}")]
    Unknown(LookUpError),
}

impl NoOutput {
    /// Whether it is worth asking again.
    pub(super) fn may_come(&self) -> bool {
        match self {
            Self::None(_) | Self::NotEnded => false,
            Self::NotYet => true,
            Self::Unknown(error) => error.is_passing(),
        }
    }

    /// Why a report has no output; none: it has one.
    pub(super) fn of(kept: &KeptReport, now: Timestamp) -> Option<Self> {
        if kept.report.output.is_some() {
            return None;
        }
        Some(if is_final(kept, now) {
            Self::None(kept.report.state())
        } else {
            Self::NotYet
        })
    }
}

impl LookUps {
    /// Waits until the output of a task that is over is there, and kept. Asks again and again, for
    /// as long as it may still come, and until `until`.
    pub async fn wait_for_output(&self, name: &str, until: Instant) -> Result<(), NoOutput> {
        loop {
            let lacking = match self.know(name).await {
                Ok(known) => NoOutput::of(&known.report, self.now()),
                Err(error) => Some(NoOutput::Unknown(error)),
            };
            let Some(lacking) = lacking else {
                return Ok(());
            };
            let now = Instant::now();
            if !lacking.may_come() || until <= now {
                return Err(lacking);
            }
            sleep_until(until.min(now + PAUSE)).await;
        }
    }
}

/// Whether what the Cloud API said of a task is all that it will say: it has ended, and its output
/// is there, or will not come.
pub(super) fn is_final(kept: &KeptReport, now: Timestamp) -> bool {
    let report = &kept.report;
    let ended_at = report.finished_at.unwrap_or(kept.at);
    let may_lag = report.state() == TaskState::Finished && now.duration_since(ended_at) < LAG;
    report.state().ended() && (report.output.is_some() || !may_lag)
}
