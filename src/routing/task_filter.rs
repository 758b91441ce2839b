//! Which news of an end a sink takes, by what is looked up of the task.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::Values;
use super::Verdict;
use super::filter::metadata_fits;
use crate::event::Event;
use crate::event::view::EventView;
use crate::task::Enrichment;
use crate::task::TaskOutcome;
use crate::task::TaskState;
use crate::template::Context;
use crate::template::Expression;
use crate::template::TemplateError;

/// Which news of an end a sink takes, by the task that is sent with it: every part that is given
/// must hold. Where the task could not be had, nothing is kept from the sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskFilter {
    /// How the task stands, by what the Cloud API says.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub state: Values<TaskState>,
    /// The vendor's own word for that.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub status: Values,
    /// Whether it did what it was told.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub outcome: Values<TaskOutcome>,
    /// Metadata that the task must have. Only text in it can match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Values>,
    /// A condition of the user's own, over the event and the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
}

/// What the plain parts look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Task {
    state: Option<TaskState>,
    status: Option<String>,
    outcome: Option<TaskOutcome>,
    metadata: Option<Box<RawValue>>,
}

impl TaskFilter {
    /// Whether an event gets through that is sent with this. Fails where the task cannot be looked
    /// at, or all else holds and the condition cannot be answered.
    pub fn lets_through(
        &self,
        event: &Event,
        enrichment: &Enrichment,
    ) -> Result<bool, TemplateError> {
        let Some(task) = read(enrichment)? else {
            return Ok(true);
        };
        let plain_parts_hold = self.state_fits(&task)
            && self.status_fits(&task)
            && self.outcome_fits(&task)
            && self.metadata_fits(&task);
        match &self.when {
            Some(when) if plain_parts_hold => fits(when, event, enrichment),
            _ => Ok(plain_parts_hold),
        }
    }

    /// What each part that is given says of an event that is sent with this.
    #[must_use]
    pub fn verdicts(&self, event: &Event, enrichment: &Enrichment) -> Vec<Verdict> {
        let task = match read(enrichment) {
            Ok(Some(task)) => task,
            Ok(None) => {
                let why = enrichment.task_unavailable.as_deref().unwrap_or_default();
                return vec![self.unasked(format!("the task could not be had: {why}"))];
            }
            Err(error) => return vec![self.unasked(error.to_string())],
        };
        let mut verdicts = Vec::new();
        if !self.state.is_empty() {
            let holds = self.state_fits(&task);
            verdicts.push(Verdict::new(
                "task.state",
                holds,
                &self.state,
                json!(task.state),
            ));
        }
        if !self.status.is_empty() {
            let holds = self.status_fits(&task);
            verdicts.push(Verdict::new(
                "task.status",
                holds,
                &self.status,
                json!(task.status),
            ));
        }
        if !self.outcome.is_empty() {
            let holds = self.outcome_fits(&task);
            verdicts.push(Verdict::new(
                "task.outcome",
                holds,
                &self.outcome,
                json!(task.outcome),
            ));
        }
        if !self.metadata.is_empty() {
            let holds = self.metadata_fits(&task);
            verdicts.push(Verdict::new(
                "task.metadata",
                holds,
                &self.metadata,
                json!(task.metadata),
            ));
        }
        if let Some(when) = &self.when {
            verdicts.push(Verdict::of_condition(
                "task.when",
                when,
                fits(when, event, enrichment),
            ));
        }
        verdicts
    }

    /// That it is not asked of an event, and why: then it lets the event through.
    #[must_use]
    pub fn unasked(&self, why: impl Into<String>) -> Verdict {
        Verdict::new("task", true, self, None::<bool>).because(why)
    }

    fn state_fits(&self, task: &Task) -> bool {
        self.state.is_empty() || self.state.has(task.state.as_ref())
    }

    fn status_fits(&self, task: &Task) -> bool {
        self.status.is_empty() || self.status.has(task.status.as_deref())
    }

    fn outcome_fits(&self, task: &Task) -> bool {
        self.outcome.is_empty() || self.outcome.has(task.outcome.as_ref())
    }

    fn metadata_fits(&self, task: &Task) -> bool {
        metadata_fits(&self.metadata, task.metadata.as_deref())
    }
}

/// The task that is sent, if there is one.
fn read(enrichment: &Enrichment) -> Result<Option<Task>, TemplateError> {
    let task = enrichment.task.as_ref();
    task.map(|task| serde_json::from_str(task.get()))
        .transpose()
        .map_err(|_quotes_the_task| TemplateError::new("the task cannot be looked at"))
}

fn fits(when: &Expression, event: &Event, enrichment: &Enrichment) -> Result<bool, TemplateError> {
    when.holds(&Context::of(&EventView::sent(event, Some(enrichment)))?)
}
