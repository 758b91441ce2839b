//! Why a sink did or did not get an event.

use serde::Serialize;

use super::deliveries::DeliveryView;
use super::error::ApiError;
use super::sink_look::Kept;
use crate::delivery::Delivery;
use crate::delivery::DeliveryState;
use crate::event::Event;
use crate::event::EventId;
use crate::name::SinkName;
use crate::routing::Route;
use crate::routing::Verdict;
use crate::store::DeliveryFilter;
use crate::store::Enrichments;
use crate::store::Order;
use crate::store::Slice;
use crate::task::Milestone;

/// How many deliveries of one event to one sink are told, the newest first.
const DELIVERIES: usize = 20;

/// Why a sink did or did not get an event, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct VerdictView {
    sink: SinkName,
    event_id: EventId,
    /// Whether every part of its filter lets the event through, as the filter is now.
    matches: bool,
    /// All of it in a sentence.
    summary: String,
    verdicts: Vec<Verdict>,
    deliveries: Vec<DeliveryView>,
}

/// Says why a sink did or did not get an event. Nothing is sent.
pub(super) async fn judge(
    route: &Route,
    event: &Event,
    kept: &Kept,
) -> Result<VerdictView, ApiError> {
    let mut verdicts = route.verdicts(event);
    verdicts.extend(on_task(route, event, &*kept.enrichments).await?);
    let filter = DeliveryFilter {
        sinks: vec![route.sink.clone()],
        event: Some(event.id),
        ..DeliveryFilter::default()
    };
    let newest = Slice {
        order: Order::Descending,
        after: None,
        limit: DELIVERIES,
    };
    let deliveries = kept.queue.deliveries(&filter, newest).await?.items;
    Ok(VerdictView {
        sink: route.sink.clone(),
        event_id: event.id,
        matches: verdicts.iter().all(|verdict| verdict.holds),
        summary: summary(event, &verdicts, deliveries.first()),
        verdicts,
        deliveries: deliveries.iter().map(DeliveryView::new).collect(),
    })
}

/// What `filter.task` says, which is asked of the news of an end when the task is known.
async fn on_task(
    route: &Route,
    event: &Event,
    enrichments: &dyn Enrichments,
) -> Result<Vec<Verdict>, ApiError> {
    let Some(filter) = &route.filter.task else {
        return Ok(Vec::new());
    };
    if !Milestone::is_end(&event.facts) {
        return Ok(vec![
            filter.unasked("it is asked of the news of an end alone"),
        ]);
    }
    Ok(match enrichments.sent_with(event.seq).await? {
        Some(sent) if sent.is_decided => filter.verdicts(event, &sent.enrichment),
        Some(_) => vec![filter.unasked("the task is looked up still")],
        None => vec![filter.unasked("nobody wanted the task with this event when it came")],
    })
}

/// What follows from the verdicts, and what became of the event.
fn summary(event: &Event, verdicts: &[Verdict], newest: Option<&Delivery>) -> String {
    let against: Vec<String> = verdicts
        .iter()
        .filter(|verdict| !verdict.holds)
        .map(|verdict| format!("`{}`", verdict.part))
        .collect();
    let against = match &against[..] {
        [] => None,
        [one] => Some(format!("{one} does not let it through")),
        [rest @ .., last] => Some(format!(
            "{} and {last} do not let it through",
            rest.join(", ")
        )),
    };
    match (against, newest, event.same_as) {
        (None, Some(delivery), _) => {
            format!("It matches, and its delivery is {}.", stands(delivery))
        }
        (None, None, Some(first)) => format!(
            "It matches, but tells once more what {first} had told: nothing is owed for it."
        ),
        (None, None, None) => "It matches now, but nothing was owed when it came: the filter was \
                               another then, or the sink is younger. A replay sends it."
            .to_owned(),
        (Some(against), None, _) => format!("It does not match: {against}."),
        (Some(against), Some(delivery), _) if delivery.state == DeliveryState::Discarded => {
            format!(
                "It does not match: {against}. Its delivery is {}.",
                stands(delivery)
            )
        }
        (Some(against), Some(delivery), _) => format!(
            "It does not match now: {against}. Yet there is a delivery, which is {}.",
            stands(delivery)
        ),
    }
}

/// Where a delivery stands, and why if somebody said so.
fn stands(delivery: &Delivery) -> String {
    match &delivery.reason {
        Some(reason) => format!("{} ({reason})", delivery.state),
        None => delivery.state.to_string(),
    }
}
