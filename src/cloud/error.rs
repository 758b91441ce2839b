//! Why the API did not do what it was asked, told as what to do about it.

use std::time::Duration;

use super::limits::OutOfLimits;
use crate::task::ApiVersion;

/// A call that failed. It holds neither the key nor a secret, so it may be shown and logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {trouble}")]
pub struct CloudError {
    /// What was asked: `GET /api/v1/task/t-1`.
    pub call: Box<str>,
    /// Why it was not done.
    pub trouble: Trouble,
}

impl CloudError {
    pub(super) fn new(call: &impl ToString, trouble: Trouble) -> Self {
        Self {
            call: call.to_string().into(),
            trouble,
        }
    }
}

/// Why a call failed. The texts are what the vendor said, made short, or what we met on the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// We have no key. Nothing was sent.
    #[error("there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment")]
    NoKey,

    /// The key is not taken: 401, or a 403 that speaks of it.
    #[error(
        "Browser Use does not take the key ({0}): compare `cloud.api_key` with the keys at \
         https://cloud.browser-use.com/settings?tab=api-keys"
    )]
    BadKey(String),

    /// The call needs an active subscription: running tasks and schedules of v1 do.
    #[error(
        "Browser Use asks for an active subscription ({0}): see \
         https://cloud.browser-use.com/billing"
    )]
    NoSubscription(String),

    /// The balance is used up, or the spend limit is reached: 402, or another refusal that speaks
    /// of it.
    #[error(
        "the balance or the spend limit is used up ({0}): add credits or raise the limit at \
         https://cloud.browser-use.com/billing"
    )]
    NoMoney(String),

    /// Nothing there has this id: 404, or an id that this version finds misshapen.
    #[error(
        "there is no such {what} ({said}): it was deleted, or another project or version of the \
         API has it"
    )]
    NotFound {
        /// What was looked for: `task`, `profile`, …
        what: &'static str,
        /// What the vendor said.
        said: String,
    },

    /// What is asked for comes with the task's end, as recordings do.
    #[error("not yet ({0}): ask again when the task has ended")]
    NotYet(String),

    /// The version of the API that the task is of has no such call, or none that we know.
    #[error("Tidings knows no call in {version} for {what}")]
    NotInThisApi {
        /// What was to be done.
        what: &'static str,
        /// The version that the task is of.
        version: ApiVersion,
    },

    /// So many sessions run that no other may begin: 429 to a call that changes something.
    #[error("too many sessions run at once ({said}): wait until one ends, or stop one")]
    TooManySessions {
        /// What the vendor said.
        said: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },

    /// 429 to a call that only looks.
    #[error("Browser Use is asked too often ({said}): lower `cloud.rate`")]
    TooOften {
        /// What the vendor said.
        said: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },

    /// No answer, or one of 500 and above.
    #[error("Browser Use is down or cannot be reached ({cause}): try again later")]
    Down {
        /// What happened.
        cause: String,
        /// Whether it soon passes, as a rule: no answer, or 502, 503, 504.
        is_passing: bool,
        /// How long the vendor asked us to wait.
        retry_after: Option<Duration>,
    },

    /// There is no such address: the base URL is another's, or does not lead to the API.
    #[error(
        "nothing is at this address ({0}): `cloud.base_url` is where the API is, as in \
         https://api.browser-use.com"
    )]
    NoSuchAddress(String),

    /// The request breaks a documented limit. Nothing was sent.
    #[error(transparent)]
    OutOfLimits(#[from] OutOfLimits),

    /// What is fetched has more bytes than may come.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// How many may come.
        limit: usize,
    },

    /// The base URL is the gateway of another Tidings, and that one refuses the request itself, or
    /// has no answer for it.
    #[error("the Tidings at `cloud.base_url` does not pass this on ({said})")]
    Gateway {
        /// The status of its answer.
        status: u16,
        /// What it said.
        said: String,
    },

    /// The vendor refuses the request as it is.
    #[error("Browser Use refuses this ({0})")]
    Refused(String),

    /// The answer is no JSON, of another shape than documented, or too large.
    #[error(
        "the answer cannot be understood ({0}): see whether `cloud.base_url` is Browser Use's, \
         and whether there is a newer Tidings"
    )]
    NotUnderstood(String),
}

impl Trouble {
    /// No answer came, for this reason.
    pub(super) fn no_answer(cause: String) -> Self {
        Self::Down {
            cause,
            is_passing: true,
            retry_after: None,
        }
    }
}
