//! What PagerDuty's answer means for the event.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::post::Answer;
use crate::sinks::post::Judge;

/// How long to wait when PagerDuty has had too many events, unless it says how long.
const TOO_MANY: Duration = Duration::from_secs(30);

const SET_IT_RIGHT: &str = "`routing_key` is wrong, or its integration is gone";

/// What PagerDuty says is wrong with an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Complaint {
    errors: Vec<String>,
}

impl Complaint {
    fn of(answer: &Answer) -> Self {
        let text = answer.text.as_deref();
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_default()
    }

    /// Whether it is about our key, and not about the event.
    fn is_about_us(&self) -> bool {
        let names_key = |error: &String| {
            let error = error.to_lowercase();
            error.contains("routing_key") || error.contains("routing key")
        };
        self.errors.iter().any(names_key)
    }
}

/// What an answer means for the event.
///
/// A refusal of our key is one of whatever we send, as a 401 is elsewhere: somebody sets that right,
/// and no event is to die of it.
pub(super) fn judge(mut answer: Answer) -> Result<Receipt, SinkError> {
    let complaint = Complaint::of(&answer);
    let told = complaint.errors.join("; ");
    if complaint.is_about_us() {
        let cause = anyhow!("answered {}: {told}: {SET_IT_RIGHT}", answer.status);
        return Err(answer.not_now(cause));
    }
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        answer.after = answer.after.or(Some(TOO_MANY));
    }
    Judge::default().judge_saying(answer, &[&told])
}
