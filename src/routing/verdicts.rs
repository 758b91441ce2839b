//! What each part of a filter says of an event.

use serde_json::json;

use super::Filter;
use super::Verdict;
use super::seen::Seen;
use crate::event::Facts;
use crate::event::TEST;

impl Filter {
    /// What each part that is given says of an event. It gets through if all hold.
    pub(super) fn verdicts(&self, seen: &Seen<'_>) -> Vec<Verdict> {
        let facts = seen.event.facts;
        let mut verdicts = vec![self.on_type(facts)];
        if !self.status.is_empty() {
            let (holds, found) = (self.status_fits(facts), facts.status.as_deref());
            verdicts.push(Verdict::new("status", holds, &self.status, found));
        }
        if !self.state.is_empty() {
            let (holds, found) = (self.state_fits(facts), json!(facts.state()));
            verdicts.push(Verdict::new("state", holds, &self.state, found));
        }
        if !self.metadata.is_empty() {
            let (holds, found) = (self.metadata_fits(facts), json!(facts.metadata));
            verdicts.push(Verdict::new("metadata", holds, &self.metadata, found));
        }
        if let Some(when) = &self.when {
            verdicts.push(Verdict::of_condition("when", when, seen.fits(when)));
        }
        verdicts
    }

    fn on_type(&self, facts: &Facts) -> Verdict {
        let kind = facts.kind.as_deref();
        let is_test = kind == Some(TEST);
        let holds = self.type_fits(facts) && !is_test;
        let verdict = Verdict::new("types", holds, &self.types, kind);
        if is_test {
            verdict.because("an event of type `test` is delivered nowhere")
        } else if !holds && self.types.is_empty() {
            verdict.because("events that Tidings makes go only to sinks whose `types` name them")
        } else {
            verdict
        }
    }
}
