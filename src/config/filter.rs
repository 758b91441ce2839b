//! What is wrong with a filter beyond its keys.

use super::fault::nearest;
use crate::event::Sighting;
use crate::routing::Filter;
use crate::samples::samples;
use crate::template::Context;
use crate::template::Expression;

/// What an event has once it is stored, and not when it is decided where it goes.
const LATER: [&str; 6] = [
    "seq",
    "times_received",
    "last_received_at",
    "same_as",
    "deliveries",
    "task",
];

/// Why the condition of a filter would not do.
pub(super) fn fault(filter: &Filter) -> Option<String> {
    let when = filter.when.as_ref()?;
    stranger(when).or_else(|| failure(filter))
}

/// A name that no event has. It would be false of every one, and nothing would ever arrive.
fn stranger(when: &Expression) -> Option<String> {
    let known = samples(&Filter::default());
    let seen = Context::of(&Sighting::from(&known.first()?.event)).ok()?;
    let known = seen.names();
    let name = when
        .names()
        .into_iter()
        .find(|name| !known.contains(name))?;
    Some(if LATER.contains(&name.as_str()) {
        format!("asks for `{name}`, which is not known yet when it is decided where an event goes")
    } else {
        let near = nearest(&name, known.iter().map(String::as_str));
        let hint = near.map_or_else(
            || format!("there are: {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        format!("asks for `{name}`, which no event has; {hint}")
    })
}

/// How the filter fails on an event that it may get.
fn failure(filter: &Filter) -> Option<String> {
    samples(filter).into_iter().find_map(|sample| {
        let error = filter.lets_through(&sample.event).err()?;
        Some(format!("fails on an event ({}): {error}", sample.what))
    })
}
