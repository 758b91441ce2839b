//! What an answer of the Bot API means for the event.

use anyhow::anyhow;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::post::Answer;
use crate::sinks::post::Judge;

/// Where it says how many seconds to wait.
const WAIT: &str = "/parameters/retry_after";

/// Words in a 400 that is about the chat, or about our place in it, and not about the message.
const ABOUT_US: [&str; 9] = [
    "chat not found",
    "upgraded to a supergroup",
    "thread not found",
    "topic_closed",
    "topic_deleted",
    "rights",
    "write_forbidden",
    "peer_id_invalid",
    "user not found",
];

/// What the Bot API says is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Complaint {
    description: String,
    parameters: Parameters,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    migrate_to_chat_id: Option<i64>,
}

impl Complaint {
    fn of(answer: &Answer) -> Self {
        let text = answer.text.as_deref();
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_default()
    }

    /// What it says, without the status that stands in front of it.
    fn words(&self) -> &str {
        let described = self.description.split_once(": ");
        described.map_or(&self.description, |(_, words)| words)
    }

    fn is_about_us(&self) -> bool {
        let words = self.description.to_lowercase();
        ABOUT_US.iter().any(|about| words.contains(about))
    }

    /// What somebody can do about it. Nothing where the words say it.
    fn advice(&self, status: StatusCode) -> String {
        if let Some(chat) = self.parameters.migrate_to_chat_id {
            return format!("set `chat_id = {chat}`, which is the group's number now");
        }
        let words = self.description.to_lowercase();
        let advice = match status {
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
                "`token` is wrong, or was revoked: ask @BotFather for it"
            }
            _ if words.contains("chat not found") => {
                "`chat_id` is wrong, or the bot is not in that chat: add it, or write to it first"
            }
            _ if words.contains("thread not found") => "`thread` is no topic of that chat",
            StatusCode::FORBIDDEN => "let the bot into the chat, and let it write there",
            _ => "",
        };
        advice.to_owned()
    }
}

/// What an answer means for the event.
///
/// A bot that is not in the chat, or may not write there, is let in by somebody; where a chat has moved,
/// somebody sets its new number. No event is to die of that. What is wrong with the message itself stays
/// so.
pub(super) fn judge(answer: Answer) -> Result<Receipt, SinkError> {
    let complaint = Complaint::of(&answer);
    let answer = answer.or_waits_as_told_at(WAIT);
    let advice = complaint.advice(answer.status);
    if complaint.is_about_us() {
        let said = [complaint.words(), advice.as_str()].join(": ");
        let said = said.trim_end_matches(": ");
        let cause = anyhow!("answered {}: {said}", answer.status);
        return Err(answer.not_now(cause));
    }
    Judge::default().judge_saying(answer, &[complaint.words(), &advice])
}
