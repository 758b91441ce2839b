//! Templates of sinks, tried on events as they may come.

use super::filter::failure;
use super::sink::Common;
use super::sink::Sink;
use super::strangers::stranger;
use crate::event::view::EventView;
use crate::routing::Filter;
use crate::samples::Sample;
use crate::samples::samples;
use crate::samples::samples_with_tasks;
use crate::sinks::Slot;
use crate::template::Context;
use crate::template::TemplateError;

/// What is there only for sinks that want the task.
const ENRICHED: [&str; 2] = ["task", "task_unavailable"];

/// Which templates of a sink would not do, and why.
pub(super) fn faults(sink: &Sink) -> Vec<(Slot, String)> {
    let slots = sink.kind.slots();
    if slots.is_empty() {
        return Vec::new();
    }
    let samples = samples_for(&sink.common);
    let fault = |slot: &Slot| {
        misses(slot, &sink.common).or_else(|| failure(&samples, |sample| fill(slot, sample).err()))
    };
    slots
        .into_iter()
        .filter_map(|slot| fault(&slot).map(|sentence| (slot, sentence)))
        .collect()
}

/// What a template asks for and will never see.
fn misses(slot: &Slot, sink: &Common) -> Option<String> {
    let names = slot.template().names();
    let enriched = names.iter().find(|name| ENRICHED.contains(&name.as_str()));
    if let (Some(name), None) = (enriched, sink.enrich) {
        return Some(format!(
            "asks for `{name}`, which needs `enrich = \"task\"`: without it the task is not looked up"
        ));
    }
    let samples = samples_with_tasks(&Filter::default());
    let fullest = samples.iter().find(|sample| sample.enrichment.is_some())?;
    stranger(&names, &slot.template().paths(), &seen(fullest).ok()?)
}

fn fill(slot: &Slot, sample: &Sample) -> Result<String, TemplateError> {
    slot.fill(&seen(sample)?)
}

/// What templates see of a sample.
fn seen(sample: &Sample) -> Result<Context, TemplateError> {
    Context::of(&EventView::sent(&sample.event, sample.enrichment.as_ref()))
}

/// The samples that reach a sink, as it is sent them.
fn samples_for(sink: &Common) -> Vec<Sample> {
    let filter = &sink.filter;
    let mut samples = match sink.enrich {
        Some(_) => samples_with_tasks(filter),
        None => samples(filter),
    };
    samples.retain(|sample| reaches(filter, sample));
    samples
}

/// Whether all of a filter lets a sample through, conditions too. One that cannot be answered does.
fn reaches(filter: &Filter, sample: &Sample) -> bool {
    let task_fits = match (&filter.task, &sample.enrichment) {
        (Some(task), Some(enrichment)) => task.lets_through(&sample.event, enrichment),
        _ => Ok(true),
    };
    filter.lets_through(&sample.event).unwrap_or(true) && task_fits.unwrap_or(true)
}
