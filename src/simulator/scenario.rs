//! Stories that a receiver should bear, as data.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use jiff::SignedDuration;
use serde_json::json;

use super::Task;

/// A story that a receiver should bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// A task from its beginning to its end.
    Lifecycle,
    /// An event that the sender believes was never taken, and signs again each time.
    Retries,
    /// The very same request, again and again.
    Duplicates,
    /// A task whose end comes before its beginning.
    OutOfOrder,
    /// Requests that were signed long ago, or will be.
    Stale,
    /// Requests signed with something else.
    WrongSecret,
    /// Text and numbers that are easily written in two ways.
    Unicode,
    /// Types, statuses and shapes that were never announced.
    Drift,
}

/// One request of a story.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is, in a few words.
    pub about: &'static str,
    /// What is posted.
    pub body: Bytes,
    /// How it is signed.
    pub signed: Signed,
    /// How a good receiver answers.
    pub expected: Expected,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With the secret, at the time of sending.
    Now,
    /// With the secret, so long ago. Negative: in the future.
    Ago(SignedDuration),
    /// With the very headers of the step before.
    AsBefore,
    /// With another secret.
    WithAnotherSecret,
    /// With the secret and a newline at its end, as it is read from many a file.
    WithNewline,
}

/// How a good receiver answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// 200, and it is new.
    Stored,
    /// 200, and it had come before.
    Duplicate,
    /// 403.
    Refused,
}

/// A word that is no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no scenario `{0}`: lifecycle, retries, duplicates, out-of-order, stale, \
     wrong-secret, unicode, drift"
)]
pub struct UnknownScenario(String);

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Lifecycle,
        Self::Retries,
        Self::Duplicates,
        Self::OutOfOrder,
        Self::Stale,
        Self::WrongSecret,
        Self::Unicode,
        Self::Drift,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Retries => "retries",
            Self::Duplicates => "duplicates",
            Self::OutOfOrder => "out-of-order",
            Self::Stale => "stale",
            Self::WrongSecret => "wrong-secret",
            Self::Unicode => "unicode",
            Self::Drift => "drift",
        }
    }

    /// Its requests, told of one task.
    #[must_use]
    pub fn steps(self, task: &Task) -> Vec<Step> {
        match self {
            Self::Lifecycle => lifecycle(task),
            Self::Retries => repeated(task, "sent again, signed afresh", Signed::Now),
            Self::Duplicates => repeated(task, "the very same request", Signed::AsBefore),
            Self::OutOfOrder => lifecycle(task).into_iter().rev().collect(),
            Self::Stale => stale(task),
            Self::WrongSecret => wrong_secret(task),
            Self::Unicode => unicode(task),
            Self::Drift => drift(task),
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(word: &str) -> Result<Self, UnknownScenario> {
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.as_str() == word)
            .ok_or_else(|| UnknownScenario(word.to_owned()))
    }
}

/// How often the vendor tries again.
const RETRIES: usize = 5;

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A request that is new and as it should be.
fn fine(about: &'static str, body: Bytes) -> Step {
    Step {
        about,
        body,
        signed: Signed::Now,
        expected: Expected::Stored,
    }
}

fn lifecycle(task: &Task) -> Vec<Step> {
    vec![
        fine(
            "the task is being set up",
            task.update("initializing", seconds(0)),
        ),
        fine("its browser runs", task.update("started", seconds(2))),
        fine("it has finished", task.update("finished", seconds(40))),
    ]
}

fn repeated(task: &Task, about: &'static str, signed: Signed) -> Vec<Step> {
    let first = fine("it has finished", task.update("finished", seconds(40)));
    let again = Step {
        about,
        signed,
        expected: Expected::Duplicate,
        ..first.clone()
    };
    std::iter::once(first)
        .chain(std::iter::repeat_n(again, RETRIES))
        .collect()
}

fn stale(task: &Task) -> Vec<Step> {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let step = |about, status, age, expected| Step {
        about,
        body: task.update(status, seconds(40)),
        signed: Signed::Ago(age),
        expected,
    };
    vec![
        step(
            "an hour late",
            "started",
            SignedDuration::from_hours(1),
            Expected::Stored,
        ),
        step("two days late", "paused", days(2), Expected::Stored),
        step("two weeks late", "finished", days(14), Expected::Refused),
        step(
            "an hour ahead",
            "stopped",
            SignedDuration::from_hours(-1),
            Expected::Refused,
        ),
    ]
}

fn wrong_secret(task: &Task) -> Vec<Step> {
    let step = |about, signed| Step {
        about,
        body: task.update("finished", seconds(40)),
        signed,
        expected: Expected::Refused,
    };
    vec![
        step("signed with another secret", Signed::WithAnotherSecret),
        step(
            "signed with a newline after the secret",
            Signed::WithNewline,
        ),
        fine(
            "signed as it should be",
            task.update("finished", seconds(40)),
        ),
    ]
}

fn unicode(task: &Task) -> Vec<Step> {
    let step = |about, status: &str, metadata: &str| {
        let Task { id, session_id, .. } = task;
        // Written by hand: no JSON library writes it so.
        let body = format!(
            r#"{{"type":"agent.task.status_update","timestamp":"{}","payload":{{"session_id":"{session_id}","task_id":"{id}","status":"{status}","metadata":{metadata}}}}}"#,
            task.time(seconds(2)),
        );
        fine(about, body.into())
    };
    vec![
        step(
            "text beyond ASCII",
            "initializing",
            r#"{"city":"München","mood":"😀","sep":"\u2028\u007f"}"#,
        ),
        step(
            "the same, escaped on the wire",
            "started",
            r#"{"city":"M\u00fcnchen","mood":"\ud83d\ude00"}"#,
        ),
        step("half a surrogate pair", "paused", r#"{"broken":"\ud800"}"#),
        step(
            "numbers in many spellings",
            "finished",
            r#"{"n":[1.0,1.10,1E5,1e-7,-0,1e16,123456789012345678901234567890]}"#,
        ),
        step(
            "keys that sort differently",
            "stopped",
            r#"{"10":1,"9":2,"～":3,"😀":4,"é":5,"z":6,"z":7}"#,
        ),
    ]
}

fn drift(task: &Task) -> Vec<Step> {
    let Task { id, session_id, .. } = task;
    let flat = json!({"session_id": session_id, "task_id": id, "status": "started"});
    let camel = json!({"sessionId": session_id, "taskId": id, "status": "stopped"});
    let session = json!({"session_id": session_id, "run_id": id, "status": "idle"});
    let number = json!({"task_id": 7, "status": null, "metadata": null, "cost": {"usd": 0.1}});
    vec![
        fine(
            "a status nobody announced",
            task.update("timed_out", seconds(1)),
        ),
        fine(
            "a type nobody announced",
            task.update_of("agent.task.archived", "finished", seconds(2)),
        ),
        fine(
            "a session instead of a task",
            task.body("session.status.update", seconds(3), session),
        ),
        fine(
            "ids in another spelling",
            task.body("agent.task.status_update", seconds(4), camel),
        ),
        fine(
            "fields of another kind",
            task.body("agent.task.status_update", seconds(5), number),
        ),
        fine(
            "the payload alone, as in early 2025",
            flat.to_string().into(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::canonical::Document;

    #[test]
    fn a_scenario_is_found_by_its_name() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
        let error = "chaos".parse::<Scenario>().unwrap_err().to_string();
        assert!(
            Scenario::ALL
                .iter()
                .all(|scenario| error.contains(scenario.as_str()))
        );
    }

    #[test]
    fn what_a_scenario_calls_new_is_new() {
        for scenario in Scenario::ALL {
            let mut seen = std::collections::HashSet::new();
            for step in scenario.steps(&Task::new(Timestamp::UNIX_EPOCH)) {
                let document = Document::read(&step.body).unwrap();
                let is_new = match step.expected {
                    Expected::Refused => continue,
                    Expected::Stored => true,
                    Expected::Duplicate => false,
                };
                assert_eq!(
                    seen.insert(document.python().to_vec()),
                    is_new,
                    "{scenario}: {}",
                    step.about
                );
            }
        }
    }
}
