//! What is said of an event where the user has words of their own.

use crate::sinks::Outbound;
use crate::sinks::SinkError;
use crate::sinks::Slot;
use crate::sinks::Takes;
use crate::sinks::seen;
use crate::template::Escape;
use crate::template::Template;

/// A user's words in a service's markup.
#[derive(Debug)]
pub(in crate::sinks) struct Words(Slot);

impl Words {
    /// The words of a template, if there is one. What an event fills in is escaped.
    pub(in crate::sinks) fn new(template: Option<&Template>, escape: Escape) -> Option<Self> {
        let template = template?.escaping(escape);
        Some(Self(Slot::new(&["template"], &template, Takes::Words)))
    }

    /// The place that the template fills, for it to be tried.
    pub(in crate::sinks) fn slot(self) -> Slot {
        self.0
    }

    /// What they say of an event.
    pub(in crate::sinks) fn of(&self, outbound: &Outbound) -> Result<String, SinkError> {
        self.0.filled(&seen(outbound)?)
    }
}
