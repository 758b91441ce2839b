//! An event as one tells it to a person: what every sink that speaks to people shows, each in its
//! own form and within its own limits.

mod clean;

mod headline;

mod task;

use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use self::clean::line;
use self::clean::lines;
use self::headline::Headline;
use self::headline::headline;
use self::task::Link;
use self::task::Task;
use super::Outbound;
use crate::event::Event;
use crate::event::EventId;
use crate::period;
use crate::task::Enrichment;
use crate::task::TaskState;

/// How many pairs of metadata are shown; the vendor takes ten.
const METADATA_LIMIT: usize = 20;

/// Whether something is good to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// Somebody may want to look.
    Warning,
    /// It goes on.
    Plain,
}

/// An event as one tells it to a person. All its texts may be long, and hold anything: escaping and
/// cutting them is the business of whoever shows them.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// The event.
    pub(super) id: EventId,
    /// When it happened, as far as it says.
    pub(super) at: Timestamp,
    /// Whether it is good to hear.
    pub(super) mood: Mood,
    /// What happened, in a few words.
    pub(super) title: String,
    /// What was to be done, or what else is to be said.
    pub(super) text: Option<String>,
    /// What it came to.
    pub(super) output: Option<String>,
    /// What went wrong, or why nothing is known.
    pub(super) trouble: Option<String>,
    /// The rest, each with its name.
    pub(super) facts: Vec<Fact>,
    /// Files it made.
    pub(super) files: Vec<File>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    /// What it is called.
    pub(super) name: String,
    /// What it is.
    pub(super) value: String,
}

impl Fact {
    /// Both on one line. None where one of them is empty.
    fn new(name: &str, value: &str) -> Option<Self> {
        let (name, value) = (line(name), line(value));
        (!name.is_empty() && !value.is_empty()).then_some(Self { name, value })
    }
}

/// A file that a task made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Link")]
pub(super) struct File {
    /// Its name.
    pub(super) name: String,
    /// Where it can be had, if we know how the reader reaches us.
    pub(super) url: Option<String>,
}

impl Mood {
    /// Whether it is good to hear of an event.
    pub(super) fn of(event: &Event, enrichment: Option<&Enrichment>) -> Self {
        let task = Task::of(enrichment);
        headline(&event.facts, task.outcome.as_deref()).mood
    }
}

impl Note {
    /// What to say of an event.
    pub(super) fn of(outbound: &Outbound) -> Self {
        let event = &*outbound.event;
        let task = Task::of(outbound.enrichment.as_ref());
        let Headline { mood, title } = headline(&event.facts, task.outcome.as_deref());
        let payload = payload(event);
        let unavailable = outbound
            .enrichment
            .as_ref()
            .and_then(|enrichment| enrichment.task_unavailable.as_deref());
        Self {
            id: event.id,
            at: event.facts.occurred_at.unwrap_or(event.received_at),
            mood,
            title,
            facts: facts(outbound, &task, &payload),
            text: lines(task.wish.or_else(|| text_in(&payload, "message"))),
            output: lines(task.output),
            trouble: lines(
                task.error
                    .or(task.output_unavailable)
                    .or_else(|| unavailable.map(str::to_owned)),
            ),
            files: task.files,
        }
    }

    /// When it happened, for people.
    pub(super) fn when(&self) -> String {
        self.at.strftime("%F %T UTC").to_string()
    }

    /// The title with what was to be done, or with the task's id: what stands in a list of messages.
    pub(super) fn subject(&self) -> String {
        let first_line = self.text.as_deref().and_then(|text| text.lines().next());
        match first_line.or(self.facts.first().map(|fact| fact.value.as_str())) {
            Some(what) => format!("{}: {what}", self.title),
            None => self.title.clone(),
        }
    }
}

/// The payload of an event, where it is JSON that we can read as such.
fn payload(event: &Event) -> Value {
    let body: Value = serde_json::from_slice(&event.body).unwrap_or_default();
    body.get("payload").cloned().unwrap_or_default()
}

fn text_in(payload: &Value, key: &str) -> Option<String> {
    payload.get(key)?.as_str().map(str::to_owned)
}

fn facts(outbound: &Outbound, task: &Task, payload: &Value) -> Vec<Fact> {
    let known = &outbound.event.facts;
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        facts.extend(value.and_then(|value| Fact::new(name, &value)));
    };
    add("Task", owned(known.task_id.as_deref()));
    add("Run", owned(known.run_id.as_deref()));
    add("Session", owned(known.session_id.as_deref()));
    add("Status", known.status.as_deref().and_then(unusual));
    add("Outcome", task.outcome.clone());
    add("Cost", task.cost.as_deref().map(|cost| format!("${cost}")));
    add("Took", task.took().map(length));
    add("Running since", text_in(payload, "running_since"));
    add("Silent since", text_in(payload, "silent_since"));
    facts.extend(metadata(
        known.metadata.as_deref().or(task.metadata.as_deref()),
    ));
    if outbound.replay {
        facts.extend(Fact::new(
            "Replay",
            "sent once more because somebody asked for it",
        ));
    }
    facts
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// The vendor's word, where it is another than ours.
fn unusual(word: &str) -> Option<String> {
    let state = TaskState::of(word);
    let is_told = matches!(state, TaskState::Other(_)) || state.as_str() == word;
    (!is_told).then(|| word.to_owned())
}

/// A length of time, to the second.
fn length(took: SignedDuration) -> String {
    let seconds = u64::try_from(took.as_secs()).unwrap_or_default();
    period::text(Duration::from_secs(seconds))
}

/// What the user wrote on the task, text as it is and everything else as JSON.
fn metadata(metadata: Option<&RawValue>) -> Vec<Fact> {
    let metadata = metadata.and_then(|json| serde_json::from_str(json.get()).ok());
    let Some(Value::Object(pairs)) = metadata else {
        return Vec::new();
    };
    let fact = |(name, value): (String, Value)| match value {
        Value::String(text) => Fact::new(&name, &text),
        other => Fact::new(&name, &other.to_string()),
    };
    pairs
        .into_iter()
        .filter_map(fact)
        .take(METADATA_LIMIT)
        .collect()
}
