//! Which sinks an event goes to.

mod filter;

mod lane;

mod seen;

mod task_filter;

mod values;

mod verdict;

mod verdicts;

use jiff::SignedDuration;
use tracing::warn;

pub use self::filter::Filter;
pub use self::lane::Lane;
use self::seen::Seen;
pub use self::task_filter::TaskFilter;
pub use self::values::Values;
pub use self::verdict::Verdict;
use crate::event::Sighting;
use crate::event::TEST;
use crate::name::SinkName;
use crate::task::Milestone;

/// A debt that an event brings with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The sink it is owed to.
    pub sink: SinkName,
    /// Deliveries to one sink with the same lane go one after the other; none waits for nobody.
    pub lane: Option<Lane>,
    /// How long its delivery waits for what is looked up of the task; none: it is sent without.
    pub enrich: Option<SignedDuration>,
}

/// What one sink wants.
#[derive(Clone, Debug)]
pub struct Route {
    /// The sink.
    pub sink: SinkName,
    /// Which events it takes.
    pub filter: Filter,
    /// Whether events about one task reach it one after the other.
    pub ordered: bool,
    /// Whether it takes only what came by webhook, and not what we were told otherwise.
    pub only_received: bool,
    /// How long the news of an end waits for what is looked up of the task; none: it is sent
    /// without.
    pub enrich: Option<SignedDuration>,
}

/// What every sink wants.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Route>);

impl Route {
    /// What each part of its filter says of an event. The sink wants it if all hold.
    #[must_use]
    pub fn verdicts<'a>(&self, event: impl Into<Sighting<'a>>) -> Vec<Verdict> {
        let event = event.into();
        let mut verdicts = self.filter.verdicts(&Seen::new(event));
        if self.only_received {
            verdicts.push(Verdict::on_origin(event.origin));
        }
        verdicts
    }

    /// A condition that cannot be answered lets the event through: one too many can be left aside,
    /// and nobody notices one that never came.
    fn wants(&self, seen: &Seen<'_>) -> bool {
        if self.only_received && !seen.event.origin.is_received() {
            return false;
        }
        self.filter.judge(seen).unwrap_or_else(|error| {
            let (event, sink) = (seen.event.id, &self.sink);
            warn!(
                event.id = %event,
                sink.name = %sink,
                error = %error,
                "The filter of sink `{sink}` failed on event {event}, which is let through"
            );
            true
        })
    }
}

impl Routes {
    /// One route a sink.
    #[must_use]
    pub fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// What a sink wants.
    #[must_use]
    pub fn to(&self, sink: &SinkName) -> Option<&Route> {
        self.0.iter().find(|route| route.sink == *sink)
    }

    /// The debts that an event brings: one for each sink that wants it.
    #[must_use]
    pub fn owed<'a>(&self, event: impl Into<Sighting<'a>>) -> Vec<Owed> {
        let seen = Seen::new(event.into());
        let facts = seen.event.facts;
        // A test event proves that the way in works; nobody further on asked for it.
        if facts.kind.as_deref() == Some(TEST) {
            return Vec::new();
        }
        let lane = facts.order_key().map(Lane::of);
        // Before the end there is nothing to know that the event does not tell.
        let is_end = Milestone::is_end(facts);

        self.0
            .iter()
            .filter(|route| route.wants(&seen))
            .map(|route| Owed {
                sink: route.sink.clone(),
                lane: lane.filter(|_| route.ordered),
                enrich: route.enrich.filter(|_| is_end),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::Value;
    use serde_json::json;

    use super::*;
    use crate::event::NewEvent;
    use crate::event::Origin;
    use crate::name::EndpointName;

    fn event(body: &Value) -> NewEvent {
        let endpoint = EndpointName::default();
        NewEvent::of_ours(Origin::Webhook, &endpoint, body, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn of_type(kind: &str) -> NewEvent {
        event(&json!({ "type": kind, "payload": { "task_id": "task_1" } }))
    }

    fn route(sink: &str, filter: Filter, ordered: bool) -> Route {
        Route {
            sink: sink.parse().unwrap(),
            filter,
            ordered,
            only_received: false,
            enrich: None,
        }
    }

    /// Whether a sink with this filter wants an event.
    fn wants(filter: &str, event: &NewEvent) -> bool {
        let route = route("one", toml::from_str(filter).unwrap(), true);
        let wanted = !Routes::new(vec![route.clone()]).owed(event).is_empty();
        let verdicts = route.verdicts(event);
        assert_eq!(verdicts.iter().all(|verdict| verdict.holds), wanted);
        wanted
    }

    #[test]
    fn an_event_is_owed_once_to_every_sink_that_wants_it() {
        let only_other = Filter {
            types: ["other"].into(),
            ..Filter::default()
        };
        let routes = Routes::new(vec![
            route("audit", Filter::default(), true),
            route("fast", Filter::default(), false),
            route("picky", only_other, true),
        ]);

        let owed = routes.owed(&of_type("agent.task.status_update"));

        let audit = Owed {
            sink: "audit".parse().unwrap(),
            lane: Some(Lane::of("task_1")),
            enrich: None,
        };
        let fast = Owed {
            sink: "fast".parse().unwrap(),
            lane: None,
            enrich: None,
        };
        assert_eq!(owed, [audit, fast]);
    }

    #[test]
    fn a_test_event_is_owed_to_nobody_not_even_by_name() {
        assert!(!wants("", &of_type("test")));
        assert!(!wants(r#"types = "test""#, &of_type("test")));
    }

    #[test]
    fn what_never_came_is_not_owed_to_a_sink_that_takes_only_what_came() {
        let picky = Route {
            only_received: true,
            ..route("picky", Filter::default(), true)
        };
        let of_origin = |origin| NewEvent {
            origin,
            ..of_type("a")
        };
        for (origin, expected) in [(Origin::Webhook, true), (Origin::Reconcile, false)] {
            let event = of_origin(origin);
            let owed = Routes::new(vec![picky.clone()]).owed(&event);
            assert_eq!(!owed.is_empty(), expected, "{origin:?}");
            let verdicts = picky.verdicts(&event);
            assert_eq!(verdicts.iter().all(|verdict| verdict.holds), expected);
        }
    }

    #[test]
    fn a_condition_is_asked_of_what_sinks_see() {
        let event = event(&json!({
            "type": "a.b", "timestamp": "2026-06-29T22:00:00Z",
            "payload": {
                "task_id": "t", "status": "completed", "text": "hear, hear",
                "metadata": { "team": "red" },
            },
        }));
        for (condition, expected) in [
            (
                "type == 'a.b' and status == 'completed' and state == 'finished'",
                true,
            ),
            (
                "ended and task_id == 't' and run_id is none and session_id is none",
                true,
            ),
            (
                "metadata.team == 'red' and metadata.tier is undefined",
                true,
            ),
            ("origin == 'webhook' and endpoint == 'default'", true),
            (
                "occurred_at == '2026-06-29T22:00:00.000000Z' and occurred_at > received_at",
                true,
            ),
            ("'hear' in body.payload.text and body_text is none", true),
            ("id is startingwith 'evt_' and signature is none", true),
            ("seq is defined or deliveries is defined", false),
            ("not ended", false),
        ] {
            assert_eq!(
                wants(&format!("when = \"{condition}\""), &event),
                expected,
                "{condition}"
            );
        }
    }

    #[test]
    fn a_condition_stands_beside_the_other_parts() {
        let wants = |filter: &str| wants(filter, &of_type("a"));
        assert!(wants("types = 'a'\nwhen = 'task_id'"));
        assert!(!wants("types = 'b'\nwhen = 'task_id'"));
        assert!(!wants("types = 'a'\nwhen = 'run_id'"));
    }

    #[test]
    fn a_condition_that_cannot_be_answered_lets_the_event_through() {
        assert!(wants("when = 'run_id | date == 1'", &of_type("a")));
        assert!(wants("when = '[1] * 99999999 | list'", &of_type("a")));
        assert!(!wants("types = 'b'\nwhen = 'run_id | date'", &of_type("a")));
    }
}
