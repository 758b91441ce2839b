//! What the answer of a workflow means, and that of a connector of old.

use anyhow::anyhow;

use crate::sinks::Receipt;
use crate::sinks::SinkError;
use crate::sinks::chat::Meaning;
use crate::sinks::chat::judge;
use crate::sinks::post::Answer;

/// What stands in the answer of a connector that did not deliver: it says `200` all the same, and
/// with `429` or another number what Teams said to it.
const NOT_DELIVERED: &str = "Webhook message delivery failed with error";

/// What else it says when it is asked too often.
const TOO_OFTEN: &str = "Microsoft Teams endpoint returned HTTP error 429";

/// What Power Automate says, by the code in its JSON: each is about the workflow and not about the
/// message, also where the status is `400`.
const MEANINGS: [Meaning; 4] = [
    Meaning::again(
        "WorkflowTriggerIsNotEnabled",
        "the workflow is switched off or deleted: switch it on, or make another one and set \
         `webhook_url`",
    ),
    Meaning::again(
        "WorkflowNotFound",
        "the workflow was deleted: make another one and set `webhook_url`",
    ),
    Meaning::again(
        "DirectApiAuthorizationRequired",
        "the workflow asks who calls, or `webhook_url` is not whole: let anyone set it off, and copy \
         its address once more",
    ),
    Meaning::again(
        "TriggerInputSchemaMismatch",
        "the workflow wants another form of message: take the schema out of its trigger",
    ),
];

/// What an answer means.
pub(super) fn told(answer: Answer) -> Result<Receipt, SinkError> {
    let text = answer.text.as_deref().unwrap_or_default();
    if answer.status.is_success() && (text.contains(NOT_DELIVERED) || text.contains(TOO_OFTEN)) {
        let cause = anyhow!("answered {}, and did not deliver it", answer.status);
        return Err(answer.not_now(cause));
    }
    let code = answer.json_at("/error/code");
    judge(
        answer,
        code.as_ref().and_then(|code| code.as_str()),
        &MEANINGS,
    )
}
