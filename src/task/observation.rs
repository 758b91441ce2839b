//! What was said about a task: by whom, when, and in which words.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::TaskKey;
use super::TaskKind;
use crate::event::Facts;
use crate::event::Origin;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A webhook.
    Webhook,
    /// The Cloud API, asked for what no webhook had told.
    Reconcile,
    /// The Cloud API, asked about this task.
    LookUp,
    /// The Cloud API, as it took a task that was started through us.
    Gateway,
}

impl Source {
    /// Whether the Cloud API itself said it. It knows what became of a task; a webhook is only on
    /// its way from there.
    #[must_use]
    pub fn is_api(self) -> bool {
        self != Self::Webhook
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Webhook => "webhook",
            Self::Reconcile => "reconcile",
            Self::LookUp => "look-up",
            Self::Gateway => "gateway",
        })
    }
}

/// What was said about a task at one time. Times count in microseconds, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who said it.
    pub source: Source,
    /// When it was so, as far as was said: the time in the body, else the time it was signed, else
    /// when it came.
    pub at: Timestamp,
    /// When we learned it.
    pub seen_at: Timestamp,
    /// The vendor's word for how the task stands.
    pub word: Option<Box<str>>,
    /// The task's run; none where the run is the task.
    pub run_id: Option<Box<str>>,
    /// The task's session; none where the session is the task.
    pub session_id: Option<Box<str>>,
    /// The task's metadata: JSON in canonical form.
    pub metadata: Option<Box<str>>,
}

impl Observation {
    /// What an event says, and about which task. None: it is about none, or it is our own word.
    #[must_use]
    pub fn of_event(
        origin: Origin,
        facts: Facts,
        signed_at: Option<Timestamp>,
        received_at: Timestamp,
    ) -> Option<(TaskKey, Self)> {
        let source = match origin {
            Origin::Webhook => Source::Webhook,
            Origin::Reconcile => Source::Reconcile,
            Origin::Tidings => return None,
        };
        let key = TaskKey::of(&facts)?;
        let at = facts.occurred_at.or(signed_at).unwrap_or(received_at);
        let observation = Self {
            source,
            at: micros(at),
            seen_at: received_at,
            word: facts.status,
            run_id: facts.run_id.filter(|_| key.kind < TaskKind::Run),
            session_id: facts.session_id.filter(|_| key.kind < TaskKind::Session),
            metadata: facts.metadata.map(|json| json.get().into()),
        };
        Some((key, observation))
    }
}

/// A time as it is stored: in microseconds.
pub(super) fn micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Document;

    fn observed(body: &str, origin: Origin) -> Option<(TaskKey, Observation)> {
        let facts = Facts::read(&Document::read(body.as_bytes()).unwrap());
        let [signed_at, received_at] = [20, 30].map(|s| Timestamp::from_second(s).unwrap());
        Observation::of_event(origin, facts, Some(signed_at), received_at)
    }

    #[test]
    fn an_event_is_about_its_task_else_its_run_else_its_session() {
        let kind = |payload: &str| {
            let (key, said) = observed(payload, Origin::Webhook).unwrap();
            let beside = (said.run_id.as_deref(), said.session_id.as_deref());
            (key.kind, key.id.to_string(), beside == (None, None))
        };
        let all = r#"{"task_id":"t","run_id":"r","session_id":"s"}"#;
        assert_eq!(kind(all), (TaskKind::Task, "t".to_owned(), false));
        let run = r#"{"run_id":"r","session_id":"s"}"#;
        assert_eq!(kind(run), (TaskKind::Run, "r".to_owned(), false));
        let session = r#"{"session_id":"s"}"#;
        assert_eq!(kind(session), (TaskKind::Session, "s".to_owned(), true));
    }

    #[test]
    fn an_event_about_nothing_and_our_own_word_are_no_observations() {
        assert!(observed(r#"{"type":"test"}"#, Origin::Webhook).is_none());
        assert!(observed(r#"{"task_id":"t"}"#, Origin::Tidings).is_none());
        let (_, said) = observed(r#"{"task_id":"t"}"#, Origin::Reconcile).unwrap();
        assert_eq!((said.source, said.word), (Source::Reconcile, None));
    }

    #[test]
    fn the_bodys_own_time_counts_else_the_signed_one() {
        let body = r#"{"timestamp":"1970-01-01T00:00:10.0000009Z","payload":{"task_id":"t"}}"#;
        let (_, said) = observed(body, Origin::Webhook).unwrap();
        assert_eq!(said.at.as_nanosecond(), 10_000_000_000);
        let (_, said) = observed(r#"{"task_id":"t"}"#, Origin::Webhook).unwrap();
        assert_eq!((said.at.as_second(), said.seen_at.as_second()), (20, 30));
    }
}
