//! What an event asks of PagerDuty.

use crate::event::Event;
use crate::event::Facts;
use crate::event::OWN_PREFIX;
use crate::sinks::note::Mood;
use crate::task::TaskState;
use crate::template::Length;
use crate::template::cut;

/// How long a key may be. PagerDuty counts characters and does not say which; no count is higher
/// than this one.
const KEY_LIMIT: Length = Length::Utf16(255);

/// What an event asks of PagerDuty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Something is wrong: somebody is to know.
    Trigger(Alarm),
    /// Whatever was wrong with this task is no more.
    Resolve,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    /// A task has failed.
    Failed,
    /// A task has ended by itself, without what it was to come to.
    Unsuccessful,
    /// A task takes too long.
    Stuck,
    /// No webhooks come any more.
    Silent,
    /// Something else that Tidings says of itself.
    Other,
    /// Somebody tries whether it works.
    Test,
}

impl Action {
    /// What an event asks for. None: it neither is an alarm nor ends one.
    pub(super) fn of(facts: &Facts, mood: Mood) -> Option<Self> {
        if let Some(own) = own(facts) {
            return Some(Self::Trigger(Alarm::told_by(own)));
        }
        match facts.state()? {
            TaskState::Failed => Some(Self::Trigger(Alarm::Failed)),
            TaskState::Finished | TaskState::Idle if mood == Mood::Bad => {
                Some(Self::Trigger(Alarm::Unsuccessful))
            }
            TaskState::Finished | TaskState::Idle | TaskState::Stopped => {
                // Without a task there is no alarm that it could end.
                facts.order_key().map(|_| Self::Resolve)
            }
            TaskState::Created | TaskState::Running | TaskState::Paused | TaskState::Other(_) => {
                None
            }
        }
    }
}

impl Alarm {
    /// The alarm in an event of our own, by its type behind the prefix.
    fn told_by(own: &str) -> Self {
        match own {
            "task.stuck" => Self::Stuck,
            "webhooks.silent" => Self::Silent,
            "test" => Self::Test,
            _ => Self::Other,
        }
    }

    /// The word for it, which is also its key in the configuration.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unsuccessful => "unsuccessful",
            Self::Stuck => "stuck",
            Self::Silent => "silent",
            Self::Other => "other",
            Self::Test => "test",
        }
    }
}

/// What PagerDuty knows an alert by: the same for all that is said of one task, so that its good end
/// resolves what its failure triggered.
pub(super) fn dedup_key(event: &Event) -> String {
    let facts = &event.facts;
    let key = match (facts.order_key(), own(facts)) {
        (Some(task), _) => format!("tidings:{task}"),
        (None, Some(own)) => format!("tidings:{own}"),
        (None, None) => format!("tidings:{}", event.id),
    };
    cut(&key, KEY_LIMIT).into_owned()
}

/// Of an event of our own, what its type has behind the prefix.
pub(super) fn own(facts: &Facts) -> Option<&str> {
    facts.kind.as_deref()?.strip_prefix(OWN_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, task: Option<&str>, status: Option<&str>, mood: Mood) -> Option<Action> {
        let facts = Facts {
            kind: Some(kind.into()),
            task_id: task.map(Into::into),
            status: status.map(Into::into),
            ..Facts::default()
        };
        Action::of(&facts, mood)
    }

    #[test]
    fn what_goes_wrong_triggers_a_good_end_resolves_and_the_rest_is_nothing() {
        let said = |status, mood| of("agent.task.status_update", Some("t"), Some(status), mood);
        let failed = Some(Action::Trigger(Alarm::Failed));
        let unsuccessful = Some(Action::Trigger(Alarm::Unsuccessful));
        assert_eq!(said("failed", Mood::Bad), failed);
        assert_eq!(said("timed_out", Mood::Bad), failed);
        assert_eq!(said("finished", Mood::Bad), unsuccessful);
        assert_eq!(said("idle", Mood::Bad), unsuccessful);
        assert_eq!(said("finished", Mood::Good), Some(Action::Resolve));
        assert_eq!(said("idle", Mood::Good), Some(Action::Resolve));
        assert_eq!(said("stopped", Mood::Warning), Some(Action::Resolve));
        for word in ["created", "started", "paused", "brand new"] {
            assert_eq!(said(word, Mood::Plain), None, "{word}");
        }
        assert_eq!(of("brand.new", Some("t"), None, Mood::Plain), None);
        assert_eq!(of("brand.new", None, Some("finished"), Mood::Good), None);
    }

    #[test]
    fn whatever_tidings_says_of_itself_is_an_alarm() {
        for (kind, expected) in [
            ("tidings.task.stuck", "stuck"),
            ("tidings.webhooks.silent", "silent"),
            ("tidings.brand.new", "other"),
            ("tidings.test", "test"),
        ] {
            let Some(Action::Trigger(alarm)) = of(kind, None, None, Mood::Plain) else {
                panic!("{kind} is no alarm");
            };
            assert_eq!(alarm.as_str(), expected);
        }
    }
}
