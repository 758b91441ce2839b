//! Slack's words for what went wrong.
//!
//! What is wrong with the message is `400`, and stays so. All others are about the webhook, the
//! channel or the workspace, and are set right in Slack or with another `webhook_url`: no event is to
//! die of that. One of them says that it is over, because somebody decided so.

use crate::sinks::chat::Meaning;

/// Slack's words, which stand alone in the body of its answer.
pub(super) const MEANINGS: [Meaning; 8] = [
    Meaning::again(
        "no_service",
        "the webhook was removed or switched off: switch it on, or make another one and set \
         `webhook_url`",
    ),
    Meaning::again(
        "no_active_hooks",
        "incoming webhooks are switched off for this app: switch them on",
    ),
    Meaning::again(
        "invalid_token",
        "`webhook_url` is not, or no more, that of a webhook: copy it once more",
    ),
    Meaning::again(
        "no_team",
        "`webhook_url` names no workspace that there is: copy it once more",
    ),
    Meaning::again(
        "channel_not_found",
        "the channel is gone, or private and the app is not in it: invite the app, or make a webhook \
         for another channel",
    ),
    Meaning::again(
        "action_prohibited",
        "an administrator has forbidden it: ask for leave to post there",
    ),
    Meaning::again(
        "posting_to_general_channel_denied",
        "who made the webhook may not post to #general: ask for leave, or take another channel",
    ),
    Meaning::never(
        "channel_is_archived",
        "make a webhook for another channel, set `webhook_url`, and retry what is dead",
    ),
];
