//! Why an event does or does not get through a filter.

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::event::Origin;
use crate::template::Expression;
use crate::template::TemplateError;

/// What one part of a filter says of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The part, by its key.
    pub part: &'static str,
    /// Whether it lets the event through.
    pub holds: bool,
    /// What it asks for.
    pub wanted: Value,
    /// What the event has there.
    pub found: Value,
    /// What else there is to say.
    pub note: Option<String>,
}

impl Verdict {
    /// A part that asks for something, and what was found.
    pub(super) fn new(
        part: &'static str,
        holds: bool,
        wanted: &impl Serialize,
        found: impl Into<Value>,
    ) -> Self {
        Self {
            part,
            holds,
            wanted: serde_json::to_value(wanted).unwrap_or_default(),
            found: found.into(),
            note: None,
        }
    }

    /// What a condition answered. One that could not lets the event through.
    pub(super) fn of_condition(
        part: &'static str,
        when: &Expression,
        answer: Result<bool, TemplateError>,
    ) -> Self {
        match answer {
            Ok(holds) => Self::new(part, holds, when, holds),
            Err(error) => Self::new(part, true, when, None::<bool>).because(format!(
                "this cannot be answered, so it lets the event through: {error}"
            )),
        }
    }

    /// Of a sink that takes only what came by webhook.
    pub(super) fn on_origin(found: Origin) -> Self {
        let holds = found.is_received();
        let verdict = Self::new("origin", holds, &Origin::Webhook, json!(found));
        if holds {
            verdict
        } else {
            verdict.because("this sink hands on what came, as it came, and this never did")
        }
    }

    /// The same with a remark.
    pub(super) fn because(self, note: impl Into<String>) -> Self {
        Self {
            note: Some(note.into()),
            ..self
        }
    }
}
