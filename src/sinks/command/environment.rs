//! What a program finds in its environment: nothing of ours but what it needs to run at all.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::ensure;

use crate::secret::Secret;
use crate::sinks::Outbound;
use crate::sinks::rendering::MASK;
use crate::task::TaskState;

/// What is passed on of our own environment. The rest holds our keys.
pub const PASSED_ON: [&str; 7] = ["HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER"];

/// Where programs are looked for when nobody says so.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Variables that begin so are ours.
const OURS: &str = "TIDINGS_";

/// How much of a text is told in a variable, in bytes. The system starts no program with a longer
/// variable than 128 KiB, and the whole event is on the standard input.
const VALUE_LIMIT: usize = 4096;

/// What is the same for every event.
pub(super) struct Environment(BTreeMap<String, Secret>);

impl Environment {
    /// What is passed on of our own environment, and what the configuration adds to it or sets
    /// otherwise.
    pub(super) fn new(
        passed_on: &BTreeMap<String, String>,
        configured: &BTreeMap<String, Secret>,
    ) -> anyhow::Result<Self> {
        let mut variables = BTreeMap::from([("PATH".to_owned(), Secret::from(USUAL_PATH))]);
        let passed_on = passed_on.iter();
        variables.extend(passed_on.map(|(name, value)| (name.clone(), value.as_str().into())));
        for (name, value) in configured {
            ensure!(
                !name.is_empty() && !name.contains(['=', '\0']),
                "`{name}` in `env` is not the name of a variable"
            );
            ensure!(
                !name.starts_with(OURS),
                "`{name}` in `env` begins with {OURS}: such variables are set by Tidings itself"
            );
            ensure!(
                !value.expose().contains('\0'),
                "the value of `{name}` in `env` holds a NUL, which no program can be given"
            );
            variables.insert(name.clone(), value.clone());
        }
        Ok(Self(variables))
    }

    /// Where a program is looked for that is named without a folder.
    pub(super) fn search_path(&self) -> &str {
        self.0.get("PATH").map_or(USUAL_PATH, Secret::expose)
    }

    /// All of it, for one event.
    pub(super) fn for_event(&self, outbound: &Outbound) -> impl Iterator<Item = (&str, String)> {
        let common = self.0.iter();
        let common = common.map(|(name, value)| (name.as_str(), value.expose().to_owned()));
        common.chain(told(outbound))
    }

    /// The same for people to look at: what is not of the event is named and not told.
    pub(super) fn shown(&self, outbound: &Outbound) -> BTreeMap<String, String> {
        let names = self.0.keys();
        let masked = names.map(|name| (name.clone(), MASK.to_owned()));
        let told = told(outbound).map(|(name, value)| (name.to_owned(), value));
        masked.chain(told).collect()
    }
}

/// What is told of an event. A variable is there even where it has nothing to say, because a
/// script may insist on its variables being set.
fn told(outbound: &Outbound) -> [(&'static str, String); 11] {
    let facts = &outbound.event.facts;
    let state = facts.state();
    let ended = state.as_ref().is_some_and(TaskState::ended);
    let state = state.as_ref().map(TaskState::as_str);
    [
        ("TIDINGS_EVENT_ID", outbound.event.id.to_string()),
        ("TIDINGS_EVENT_TYPE", text(facts.kind.as_deref())),
        ("TIDINGS_TASK_ID", text(facts.task_id.as_deref())),
        ("TIDINGS_RUN_ID", text(facts.run_id.as_deref())),
        ("TIDINGS_SESSION_ID", text(facts.session_id.as_deref())),
        ("TIDINGS_STATUS", text(facts.status.as_deref())),
        ("TIDINGS_STATE", text(state)),
        ("TIDINGS_ENDED", ended.to_string()),
        ("TIDINGS_DELIVERY_ID", outbound.delivery.to_string()),
        ("TIDINGS_ATTEMPT", outbound.attempt.to_string()),
        ("TIDINGS_REPLAY", outbound.replay.to_string()),
    ]
}

/// A text of the vendor's as a variable can hold it: without NUL, and not too long.
fn text(text: Option<&str>) -> String {
    let mut value = text.unwrap_or_default().replace('\0', "\u{fffd}");
    value.truncate(value.floor_char_boundary(VALUE_LIMIT));
    value
}

/// It shows no values: some are secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
