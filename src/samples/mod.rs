//! Events as they may come, on which settings are tried before the first one does.

mod bodies;

mod task;

use bytes::Bytes;
use jiff::Timestamp;

use crate::canonical::Document;
use crate::event::Event;
use crate::event::EventId;
use crate::event::Facts;
use crate::event::Origin;
use crate::name::EndpointName;
use crate::routing::Filter;
use crate::task::Enrichment;
use crate::task::Milestone;

/// When the samples came.
const RECEIVED_AT: Timestamp = Timestamp::constant(1_782_770_401, 250_000_000);

/// An event as it may come.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is, as a message calls it.
    pub what: String,
    /// The event.
    pub event: Event,
    /// What is sent of the task with it.
    pub enrichment: Option<Enrichment>,
}

/// Events of every kind that a filter may let through. What it asks for by name is among them, also
/// a type, a word or metadata that nobody else knows; its condition is left aside.
#[must_use]
pub fn samples(filter: &Filter) -> Vec<Sample> {
    bodies::of_every_kind(filter)
        .into_iter()
        .filter_map(|(what, origin, body)| sample(what, origin, &body))
        .filter(|sample| filter.plain_parts_hold(&sample.event.facts))
        .collect()
}

/// The same for a sink that wants the task with the news of an end: that comes in several ways.
#[must_use]
pub fn samples_with_tasks(filter: &Filter) -> Vec<Sample> {
    samples(filter)
        .into_iter()
        .flat_map(|sample| {
            if Milestone::is_end(&sample.event.facts) {
                with_tasks(&sample, filter)
            } else {
                vec![sample]
            }
        })
        .collect()
}

fn with_tasks(sample: &Sample, filter: &Filter) -> Vec<Sample> {
    let with_task = |(how, enrichment)| Sample {
        what: format!("{} {how}", sample.what),
        event: sample.event.clone(),
        enrichment: Some(enrichment),
    };
    let ways = task::with(&sample.event, filter);
    ways.into_iter().map(with_task).collect()
}

fn sample(what: String, origin: Origin, body: &str) -> Option<Sample> {
    let document = Document::read(body.as_bytes()).ok()?;
    let facts = Facts::read(&document);
    let endpoint = EndpointName::default();
    let event = Event {
        seq: 1,
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin,
        endpoint,
        received_at: RECEIVED_AT,
        facts,
        body: Bytes::copy_from_slice(body.as_bytes()),
        signature: None,
        times_received: 1,
        last_received_at: RECEIVED_AT,
        same_as: None,
    };
    Some(Sample {
        what,
        event,
        enrichment: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::OWN_PREFIX;
    use crate::task::TaskState;

    fn filter(toml: &str) -> Filter {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn every_state_is_among_them_and_what_is_absent_now_and_then() {
        let samples = samples(&Filter::default());
        let states = [
            TaskState::Created,
            TaskState::Running,
            TaskState::Paused,
            TaskState::Idle,
        ];
        for state in states.iter().chain(&TaskState::ENDS) {
            let is_it = |sample: &Sample| sample.event.facts.state().as_ref() == Some(state);
            assert!(samples.iter().any(is_it), "{state:?}");
        }
        let lacks: [fn(&Facts) -> bool; 7] = [
            |facts| facts.kind.is_none(),
            |facts| facts.status.is_none(),
            |facts| facts.task_id.is_none(),
            |facts| facts.run_id.is_none(),
            |facts| facts.session_id.is_none(),
            |facts| facts.metadata.is_none(),
            |facts| facts.occurred_at.is_none(),
        ];
        for lacks in lacks {
            assert!(samples.iter().any(|sample| lacks(&sample.event.facts)));
            assert!(samples.iter().any(|sample| !lacks(&sample.event.facts)));
        }
        let own = |sample: &Sample| {
            sample
                .event
                .facts
                .kind
                .as_deref()
                .unwrap_or_default()
                .starts_with(OWN_PREFIX)
        };
        assert!(!samples.iter().any(own), "nobody asked for them");
    }

    #[test]
    fn what_a_filter_names_is_among_them() {
        for named in [
            r#"types = "brand.new""#,
            r#"types = ["tidings.task.stuck"]"#,
            r#"types = ["tidings.brand.new"]"#,
            r#"status = "a new word""#,
            r#"state = "a new word""#,
            r#"metadata = { customer = ["a", "b"] }"#,
            "types = \"agent.task.status_update\"\nstate = \"failed\"\nmetadata = { a = \"b\", c = \"d\" }",
        ] {
            let filter = filter(named);
            let samples = samples(&filter);
            assert!(!samples.is_empty(), "{named}");
            let own = named.contains(OWN_PREFIX);
            assert!(
                samples
                    .iter()
                    .all(|sample| (sample.event.origin == Origin::Tidings) == own),
                "{named}"
            );
        }
    }
}
