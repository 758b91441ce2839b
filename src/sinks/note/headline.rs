//! What happened, in a few words.

use super::Mood;
use super::clean::line;
use crate::event::Facts;
use crate::task::TaskState;

/// What happened, and whether it is good to hear.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) mood: Mood,
    pub(super) title: String,
}

/// What an event says happened. `outcome` is what the Cloud API says came of the task.
pub(super) fn headline(facts: &Facts, outcome: Option<&str>) -> Headline {
    let (mood, title) = match (facts.kind.as_deref(), facts.state()) {
        (Some("tidings.test"), _) => (Mood::Plain, "A test of this sink".to_owned()),
        (Some("tidings.webhooks.silent"), _) => {
            (Mood::Warning, "No webhooks come any more".to_owned())
        }
        (Some("tidings.task.stuck"), _) => {
            (Mood::Warning, format!("{} takes too long", subject(facts)))
        }
        (_, Some(state)) => {
            let (mood, words) = told(&state, outcome);
            (mood, format!("{} {words}", subject(facts)))
        }
        (Some(kind), None) => (Mood::Plain, kind.to_owned()),
        (None, None) => (Mood::Plain, String::new()),
    };
    let title = Some(line(&title)).filter(|title| !title.is_empty());
    Headline {
        mood,
        title: title.unwrap_or_else(|| "An event".to_owned()),
    }
}

/// What an event is about.
fn subject(facts: &Facts) -> &'static str {
    match facts {
        Facts {
            task_id: Some(_), ..
        } => "Task",
        Facts {
            run_id: Some(_), ..
        } => "Run",
        Facts {
            session_id: Some(_),
            ..
        } => "Session",
        _ => "Task",
    }
}

fn told<'a>(state: &'a TaskState, outcome: Option<&str>) -> (Mood, &'a str) {
    match state {
        TaskState::Created => (Mood::Plain, "created"),
        TaskState::Running => (Mood::Plain, "running"),
        TaskState::Paused => (Mood::Warning, "paused"),
        TaskState::Idle if outcome == Some("failure") => {
            (Mood::Bad, "done for now, without success")
        }
        TaskState::Idle => (Mood::Good, "done for now"),
        TaskState::Finished if outcome == Some("failure") => {
            (Mood::Bad, "finished without success")
        }
        TaskState::Finished => (Mood::Good, "finished"),
        TaskState::Failed => (Mood::Bad, "failed"),
        TaskState::Stopped => (Mood::Warning, "stopped"),
        TaskState::Other(word) => (Mood::Plain, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, id: &str, status: Option<&str>, outcome: Option<&str>) -> String {
        let facts = Facts {
            kind: Some(kind.into()),
            status: status.map(Into::into),
            task_id: (id == "task").then(|| "1".into()),
            run_id: (id == "run").then(|| "1".into()),
            session_id: Some("1".into()),
            ..Facts::default()
        };
        let Headline { mood, title } = headline(&facts, outcome);
        format!("{mood:?}: {title}")
    }

    #[test]
    fn each_state_has_its_words_and_its_mood() {
        let update =
            |status, outcome| of("agent.task.status_update", "task", Some(status), outcome);
        assert_eq!(update("started", None), "Plain: Task running");
        assert_eq!(update("finished", Some("success")), "Good: Task finished");
        assert_eq!(
            update("finished", Some("failure")),
            "Bad: Task finished without success"
        );
        assert_eq!(update("error", None), "Bad: Task failed");
        assert_eq!(update("stopped", None), "Warning: Task stopped");
        assert_eq!(update("brand new", None), "Plain: Task brand new");
    }

    #[test]
    fn it_says_what_it_is_about_or_its_type() {
        assert_eq!(
            of("session.status.update", "session", Some("idle"), None),
            "Good: Session done for now"
        );
        assert_eq!(
            of(
                "session.status.update",
                "session",
                Some("idle"),
                Some("failure")
            ),
            "Bad: Session done for now, without success"
        );
        assert_eq!(
            of("run", "run", Some("completed"), None),
            "Good: Run finished"
        );
        assert_eq!(
            of("tidings.task.stuck", "task", None, None),
            "Warning: Task takes too long"
        );
        assert_eq!(of("brand.new", "task", None, None), "Plain: brand.new");
        assert_eq!(of(" \u{0}", "task", None, None), "Plain: An event");
    }
}
