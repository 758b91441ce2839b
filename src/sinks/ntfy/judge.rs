//! What an ntfy server's answer means for the event.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::post::Answer;
use crate::sinks::post::Judge;

/// How long to wait when what we may send in a day is used up: each try counts as a request, too.
const TOMORROW: Duration = Duration::from_mins(15);

/// The servers' own numbers: a topic that cannot be, one that may not be, and a day's messages used
/// up.
const TOPIC_INVALID: u32 = 40_009;
const TOPIC_FORBIDDEN: u32 = 40_010;
const DAY_IS_FULL: u32 = 42_908;

/// What a server says is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Complaint {
    code: u32,
    error: String,
}

impl Complaint {
    fn of(answer: &Answer) -> Self {
        let text = answer.text.as_deref();
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_default()
    }
}

/// What an answer means for the event.
///
/// A topic that the server does not take is one of whatever we send: somebody names another, and no
/// event is to die of it.
pub(super) fn judge(mut answer: Answer) -> Result<Receipt, SinkError> {
    let Complaint { code, error } = Complaint::of(&answer);
    let advice = match (answer.status, code) {
        (status, TOPIC_INVALID | TOPIC_FORBIDDEN) => {
            let cause = anyhow!("answered {status}: {error}: set `topic` to another");
            return Err(answer.not_now(cause));
        }
        (StatusCode::UNAUTHORIZED, _) => "`token`, or `username` and `password`, are wrong",
        (StatusCode::FORBIDDEN, _) => "we may not publish to this topic as who we are",
        _ => "",
    };
    if code == DAY_IS_FULL {
        answer.after = answer.after.max(Some(TOMORROW));
    }
    Judge::default().judge_saying(answer, &[&error, advice])
}
