//! Which sinks an event goes to.

mod filter;

mod lane;

mod values;

use jiff::SignedDuration;

pub use self::filter::Filter;
pub use self::lane::Lane;
pub use self::values::Values;
use crate::event::Facts;
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
    /// How long the news of an end waits for what is looked up of the task; none: it is sent
    /// without.
    pub enrich: Option<SignedDuration>,
}

/// What every sink wants.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// One route a sink.
    #[must_use]
    pub fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// The debts that an event brings: one for each sink that wants it.
    #[must_use]
    pub fn owed(&self, facts: &Facts) -> Vec<Owed> {
        // A test event proves that the way in works; nobody further on asked for it.
        if facts.kind.as_deref() == Some(TEST) {
            return Vec::new();
        }
        let lane = facts.order_key().map(Lane::of);
        // Before the end there is nothing to know that the event does not tell.
        let is_end = matches!(
            Milestone::told_by(facts),
            Some(Milestone::Turn | Milestone::End)
        );

        self.0
            .iter()
            .filter(|route| route.filter.lets_through(facts))
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
    use super::*;

    fn facts(kind: &str) -> Facts {
        Facts {
            kind: Some(kind.into()),
            task_id: Some("task_1".into()),
            ..Facts::default()
        }
    }

    fn route(sink: &str, filter: Filter, ordered: bool) -> Route {
        Route {
            sink: sink.parse().unwrap(),
            filter,
            ordered,
            enrich: None,
        }
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

        let owed = routes.owed(&facts("agent.task.status_update"));

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
        let named = Filter {
            types: ["test"].into(),
            ..Filter::default()
        };
        let routes = Routes::new(vec![
            route("all", Filter::default(), true),
            route("named", named, true),
        ]);
        assert_eq!(routes.owed(&facts("test")), []);
    }
}
