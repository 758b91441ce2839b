//! What the Cloud API said of a task, as it is kept.

use jiff::Timestamp;

use super::TaskRecord;
use crate::task::Observation;
use crate::task::Source;
use crate::task::TaskReport;

/// How much is kept of a text, in bytes.
const TEXT_LIMIT: usize = 256 * 1024;

/// How many files are kept of a task.
const FILES: usize = 1000;

/// What the Cloud API said of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReport {
    /// What it said.
    pub report: TaskReport,
    /// Why it was asked.
    pub source: Source,
    /// When it was asked.
    pub as_of: Timestamp,
    /// Since when it is known to be so.
    pub at: Timestamp,
    /// Whether the output goes on after what is kept of it.
    pub output_is_cut: bool,
}

/// What keeping a report came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The task as it stands then.
    pub task: TaskRecord,
    /// The newest report: the one that was told, whole, unless a newer one is kept.
    pub report: KeptReport,
}

impl KeptReport {
    /// What the API said when it was asked at `as_of`, because of `source`.
    #[must_use]
    pub fn new(report: TaskReport, source: Source, as_of: Timestamp) -> Self {
        let told = report.observation(source, as_of);
        Self {
            report,
            source,
            as_of: told.seen_at,
            at: told.at,
            output_is_cut: false,
        }
    }

    /// What it says of how the task stands.
    pub(super) fn observation(&self) -> Observation {
        Observation {
            at: self.at,
            ..self.report.observation(self.source, self.as_of)
        }
    }

    /// Whether another says the same of how the task stands.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let said = |kept: &Self| {
            let report = &kept.report;
            let (status, session) = (report.status.clone(), report.session_id.clone());
            (status, session, report.metadata.clone())
        };
        said(self) == said(other)
    }

    /// The same, which was so already when `earlier` said so: what ended without telling when did
    /// not end anew because somebody asked again.
    pub(super) fn so_since(mut self, earlier: &Self) -> Self {
        if self.report.state().ended() && self.report.finished_at.is_none() {
            self.at = self.at.min(earlier.at);
        }
        self
    }

    /// As much of it as is kept: the vendor may write anything, and any amount.
    pub(super) fn cut(&self) -> Self {
        let mut kept = self.clone();
        let report = &mut kept.report;
        kept.output_is_cut |= report.output.as_deref().is_some_and(is_long);
        // A part of it would be no JSON.
        report.metadata.take_if(|text| is_long(text));
        report.status = beginning(&report.status);
        for text in [
            &mut report.session_id,
            &mut report.task,
            &mut report.output,
            &mut report.error,
            &mut report.cost,
        ] {
            *text = text.as_deref().map(beginning);
        }
        report.files.truncate(FILES);
        kept
    }
}

fn is_long(text: &str) -> bool {
    text.len() > TEXT_LIMIT
}

fn beginning(text: &str) -> Box<str> {
    let end = text.floor_char_boundary(TEXT_LIMIT);
    text.get(..end).unwrap_or(text).into()
}
