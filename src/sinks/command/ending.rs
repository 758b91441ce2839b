//! What a program's end means for the event.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use anyhow::Error;
use anyhow::anyhow;
use anyhow::ensure;

use super::run::Ended;
use crate::period;
use crate::sinks::Receipt;
use crate::sinks::SinkError;

/// The exit code that asks for another try: `EX_TEMPFAIL` of `sysexits.h`, by which mail servers
/// have told it for forty years.
const TRY_AGAIN: u8 = 75;

/// Knows which exit codes ask for another try.
#[derive(Debug)]
pub(super) struct Endings {
    try_again: Vec<i32>,
}

impl Endings {
    /// With these exit codes beside 75.
    pub(super) fn new(retry_on: &[u8]) -> anyhow::Result<Self> {
        ensure!(
            !retry_on.contains(&0),
            "0 in `retry_on` is the exit code of success"
        );
        let all = retry_on.iter().chain([&TRY_AGAIN]);
        Ok(Self {
            try_again: all.map(|code| i32::from(*code)).collect(),
        })
    }

    /// What an end means. `timeout` is what it was given.
    pub(super) fn judge(&self, ended: Ended, timeout: Duration) -> Result<Receipt, SinkError> {
        let receipt = Receipt {
            status: None,
            answer: ended.output,
        };
        let Some(status) = ended.status else {
            let timeout = period::text(timeout);
            let cause = anyhow!("still at work after {timeout}, so it was killed");
            return Err(not_now(cause, receipt));
        };
        match (status.code(), status.signal()) {
            (Some(0), _) => Ok(receipt),
            (Some(code), _) if self.try_again.contains(&code) => Err(not_now(
                anyhow!("exit code {code}, which asks for another try"),
                receipt,
            )),
            (Some(code), _) => Err(SinkError::Reject {
                cause: anyhow!("exit code {code}"),
                receipt,
            }),
            (None, Some(signal)) => {
                Err(not_now(anyhow!("it was ended by signal {signal}"), receipt))
            }
            (None, None) => Err(not_now(anyhow!("it ended in no known way"), receipt)),
        }
    }
}

fn not_now(cause: Error, receipt: Receipt) -> SinkError {
    SinkError::Retry {
        after: None,
        cause,
        receipt,
    }
}
