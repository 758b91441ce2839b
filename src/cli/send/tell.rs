//! How an answer is shown.

use std::io;

use owo_colors::OwoColorize as _;
use serde::Serialize;

use super::Context;
use crate::simulator::Answer;

/// How a receiver answered one request.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// What was sent.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) about: &'static str,
    /// Whether a good receiver answers so.
    pub(super) as_expected: bool,
    /// The answer.
    #[serde(flatten)]
    pub(super) answer: Answer,
}

impl Told {
    /// Prints it for whoever looks.
    pub(super) fn tell(&self, context: &Context) -> io::Result<()> {
        if context.output.json {
            return context.output.json(self);
        }
        let mark = if self.as_expected {
            "✓".green().to_string()
        } else {
            "✗".red().to_string()
        };
        let (status, outcome) = (self.answer.status, self.outcome());
        if self.about.is_empty() {
            return context
                .output
                .line(format_args!("{mark} {status} {outcome}"));
        }
        let about = format!("{:<38}", self.about);
        context
            .output
            .line(format_args!("{mark} {} {status} {outcome}", about.dimmed()))
    }

    /// What became of it, in a column.
    fn outcome(&self) -> String {
        let message = self.answer.message.as_deref().unwrap_or_default();
        match (&self.answer.event_id, self.answer.duplicate) {
            (Some(id), Some(true)) => format!("known   {id}"),
            (Some(id), _) => format!("stored  {id}"),
            (None, _) if self.answer.is_success() => format!("taken   {message}"),
            (None, _) => format!("refused: {message}"),
        }
    }
}
