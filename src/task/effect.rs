//! What an observation changed.

use serde::Serialize;

use super::Observation;
use super::Projection;
use super::TaskState;

/// What an observation changed of how a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The task stands otherwise since.
    Changed,
    /// It stood so before.
    Confirmed,
    /// None: what was so later had been told before.
    Late,
    /// None: another word counts for more, such as an end, or the Cloud API's own.
    Overruled,
    /// None: it says nothing of how the task stands.
    Silent,
}

impl Effect {
    /// Folds an observation in, and says what that changed.
    #[must_use]
    pub fn of(projection: &mut Projection, observation: Observation) -> Self {
        let before = projection.status.clone();
        let at = observation.at;
        let told = observation.word.as_deref().map(TaskState::of);
        projection.observe(observation);

        let Some(told) = told else {
            return Self::Silent;
        };
        match before {
            Some(before) if before.state() == told => Self::Confirmed,
            Some(before) if projection.status.as_ref() == Some(&before) => {
                if at < before.at {
                    Self::Late
                } else {
                    Self::Overruled
                }
            }
            _ => Self::Changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::task::Source;

    #[test]
    fn an_effect_is_told_by_what_was_known_before() {
        let mut projection = Projection::default();
        let mut told = |source, second, word: Option<&str>| {
            let at = Timestamp::from_second(second).unwrap();
            let observation = Observation {
                source,
                at,
                seen_at: at,
                word: word.map(Into::into),
                run_id: None,
                session_id: None,
                metadata: None,
            };
            Effect::of(&mut projection, observation)
        };
        let hook = Source::Webhook;
        assert_eq!(told(hook, 2, Some("started")), Effect::Changed);
        assert_eq!(told(hook, 1, Some("initializing")), Effect::Late);
        assert_eq!(told(hook, 3, Some("running")), Effect::Confirmed);
        assert_eq!(told(hook, 4, None), Effect::Silent);
        assert_eq!(told(Source::Reconcile, 5, Some("failed")), Effect::Changed);
        assert_eq!(told(hook, 5, Some("stopped")), Effect::Overruled);
        assert_eq!(told(hook, 6, Some("stopped")), Effect::Overruled);
        assert_eq!(told(hook, 7, Some("running")), Effect::Overruled);
    }
}
