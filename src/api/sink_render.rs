//! What a sink would send, shown and not sent.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Deserialize;
use serde::Serialize;

use super::auth::Operate;
use super::error::ApiError;
use super::id::Id;
use super::payload::Payload;
use super::sink_look::Configured;
use super::sink_look::Kept;
use super::state::ApiState;
use crate::clock::Clock;
use crate::delivery::DeliveryId;
use crate::event::Event;
use crate::event::EventId;
use crate::name::SinkName;
use crate::routing::Route;
use crate::samples::Sample;
use crate::samples::samples;
use crate::samples::samples_with_tasks;
use crate::sinks::Outbound;
use crate::sinks::Rendering;
use crate::store::Enrichments;
use crate::task::Enrichment;

pub(super) fn router() -> Router<ApiState> {
    Router::new().route("/sinks/{name}/render", post(render))
}

/// Of which event: one that came, or one as it may come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Wanted {
    event: Option<EventId>,
    sample: Option<String>,
}

/// What a sink would send, as JSON.
#[derive(Debug, Serialize)]
struct RenderView {
    sink: SinkName,
    event_id: EventId,
    /// What the sample is; null for an event that came.
    sample: Option<String>,
    rendering: Option<Rendering>,
    /// Why nothing could be sent.
    error: Option<String>,
}

/// Shows what a sink would send of an event. It asks for more than to read: what is masked are
/// secrets that are known as such, and an address can be one by itself.
async fn render(
    _: Operate,
    State(kept): State<Kept>,
    State(clock): State<Arc<dyn Clock>>,
    State(configured): State<Configured>,
    Id(name): Id<SinkName>,
    Payload(wanted): Payload<Wanted>,
) -> Result<Json<RenderView>, ApiError> {
    let (entry, route) = configured.find(&name)?;
    let (event, enrichment, sample) = match (wanted.event, wanted.sample) {
        (Some(id), None) => {
            let event = kept.event(id).await?;
            let enrichment = sent_with(route, &event, &*kept.enrichments).await?;
            (event, enrichment, None)
        }
        (None, Some(word)) => {
            let Sample {
                what,
                event,
                enrichment,
            } = sample(route, &word)?;
            (event, enrichment, Some(what))
        }
        _ => {
            let problem = "or `sample` says of which event; give one of them";
            return Err(ApiError::parameter("event", problem));
        }
    };
    let now = clock.now();
    let event_id = event.id;
    let rendered = entry.sink.render(&Outbound {
        event: Arc::new(event),
        enrichment,
        delivery: DeliveryId::new(now, 0),
        attempt: 1,
        replay: false,
        sent_at: now,
    });
    let (rendering, error) = match rendered {
        Ok(rendering) => (Some(rendering), None),
        Err(error) => (None, Some(format!("{error:#}"))),
    };
    Ok(Json(RenderView {
        sink: name,
        event_id,
        sample,
        rendering,
        error,
    }))
}

/// What this sink is sent of the task with an event, as far as that is known.
async fn sent_with(
    route: &Route,
    event: &Event,
    enrichments: &dyn Enrichments,
) -> Result<Option<Enrichment>, ApiError> {
    if route.enrich.is_none() {
        return Ok(None);
    }
    let sent = enrichments.sent_with(event.seq).await?;
    Ok(sent.map(|sent| sent.enrichment))
}

/// The first sample with this status or type that the sink's filter may let through.
fn sample(route: &Route, word: &str) -> Result<Sample, ApiError> {
    let all = match route.enrich {
        Some(_) => samples_with_tasks(&route.filter),
        None => samples(&route.filter),
    };
    let mut words: Vec<String> = Vec::new();
    for sample in all {
        let facts = &sample.event.facts;
        let told = [&facts.status, &facts.kind];
        if told.iter().any(|one| one.as_deref() == Some(word)) {
            return Ok(sample);
        }
        for one in told.into_iter().flatten() {
            if !words.iter().any(|known| **known == **one) {
                words.push(one.to_string());
            }
        }
    }
    let known = words.join(", ");
    Err(ApiError::parameter(
        "sample",
        format!("names none that this sink's filter lets through; there are: {known}"),
    ))
}
