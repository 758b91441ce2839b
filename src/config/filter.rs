//! What is wrong with a filter beyond its keys.

use super::sink::Common;
use super::strangers::stranger;
use crate::event::Sighting;
use crate::event::view::EventView;
use crate::routing::Filter;
use crate::samples::Sample;
use crate::samples::samples;
use crate::samples::samples_with_tasks;
use crate::template::Context;

/// What an event has once it is stored, and not when it is decided where it goes.
const LATER: [&str; 6] = [
    "seq",
    "times_received",
    "last_received_at",
    "same_as",
    "deliveries",
    "task",
];

/// What is wrong with a sink's filter, and with which of its keys.
pub(super) fn faults(sink: &Common) -> Vec<(&'static [&'static str], String)> {
    let mut faults: Vec<(&'static [&'static str], String)> = Vec::new();
    if let Some(sentence) = of_condition(&sink.filter) {
        faults.push((&["filter", "when"], sentence));
    }
    if sink.filter.task.is_some() && sink.enrich.is_none() {
        let sentence = "needs `enrich = \"task\"`: without it the task is not looked up".to_owned();
        faults.push((&["filter", "task"], sentence));
    } else if let Some(sentence) = of_task_condition(&sink.filter) {
        faults.push((&["filter", "task", "when"], sentence));
    }
    faults
}

/// Why the condition of a filter would not do. One that asks for what no event has would be false of
/// every one, and nothing would ever arrive.
fn of_condition(filter: &Filter) -> Option<String> {
    let when = filter.when.as_ref()?;
    let sample = samples(&Filter::default()).into_iter().next()?;
    let seen = Context::of(&Sighting::from(&sample.event)).ok()?;
    let names = when.names();
    if let Some(name) = names.iter().find(|name| LATER.contains(&name.as_str())) {
        return Some(format!(
            "asks for `{name}`, which is not known yet when it is decided where an event goes"
        ));
    }
    stranger(&names, &when.paths(), &seen).or_else(|| {
        let fails = |sample: &Sample| filter.lets_through(&sample.event).err();
        failure(&samples(filter), fails)
    })
}

/// Why the condition over the task would not do.
fn of_task_condition(filter: &Filter) -> Option<String> {
    let task_filter = filter.task.as_ref()?;
    let when = task_filter.when.as_ref()?;
    let samples = samples_with_tasks(filter);
    let with_task = samples.iter().find(|sample| sample.enrichment.is_some())?;
    let view = EventView::sent(&with_task.event, with_task.enrichment.as_ref());
    let seen = Context::of(&view).ok()?;
    stranger(&when.names(), &when.paths(), &seen).or_else(|| {
        failure(&samples, |sample| {
            let enrichment = sample.enrichment.as_ref()?;
            task_filter.lets_through(&sample.event, enrichment).err()
        })
    })
}

/// How something fails on an event that the sink may get.
pub(super) fn failure<E: std::fmt::Display>(
    samples: &[Sample],
    fails: impl Fn(&Sample) -> Option<E>,
) -> Option<String> {
    samples.iter().find_map(|sample| {
        let error = fails(sample)?;
        Some(format!("fails on an event ({}): {error}", sample.what))
    })
}
