//! Discord's words for what went wrong: numbers, from its list of JSON error codes.
//!
//! One of them says that it is over: a webhook that is gone should not be used again, and whoever
//! does it all the same is kept out for a while. All others here are set right in Discord or in the
//! configuration, so no event is to die of them.

use crate::sinks::chat::Meaning;

/// Discord's codes.
pub(super) const MEANINGS: [Meaning; 7] = [
    Meaning::never(
        "10015",
        "the webhook was deleted: make another one, set `webhook_url`, and retry what is dead",
    ),
    Meaning::again(
        "50027",
        "`webhook_url` is not, or no more, that of a webhook: copy it once more",
    ),
    Meaning::again(
        "10003",
        "there is no such thread in the channel of the webhook: look at `thread_id`",
    ),
    Meaning::again(
        "220001",
        "the webhook is of a forum, where messages stand in threads: set `thread_id`",
    ),
    Meaning::again(
        "160005",
        "the thread is locked: unlock it, or change `thread_id`",
    ),
    Meaning::again(
        "50083",
        "the thread is archived: take it out of the archive, or change `thread_id`",
    ),
    Meaning::again(
        "40333",
        "Discord does not let this address in: look whether a proxy changes the request",
    ),
];
