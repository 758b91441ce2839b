//! What the laws are tried on: events, deliveries and sinks with as little around them as may be.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::canonical::Document;
use crate::delivery::Attempt;
use crate::delivery::Delivery;
use crate::delivery::Lease;
use crate::delivery::Outcome;
use crate::delivery::Settle;
use crate::delivery::Settlement;
use crate::event::EventId;
use crate::event::Facts;
use crate::event::NewEvent;
use crate::event::Origin;
use crate::event::Signature;
use crate::event::SignatureForm;
use crate::name::EndpointName;
use crate::name::SinkName;
use crate::routing::Lane;
use crate::routing::Owed;
use crate::store::Append;
use crate::store::Appended;
use crate::store::DeliveryFilter;
use crate::store::EventFilter;
use crate::store::Order;
use crate::store::Room;
use crate::store::Slice;
use crate::store::Store;

/// Opens a store, always the same one: what was written is there again.
#[async_trait]
pub(in crate::store) trait Backend: Send + Sync {
    async fn open(&self) -> Arc<dyn Store>;
}

/// How long leases last here.
pub(in crate::store) const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// So many seconds after the laws' beginning of time.
pub(in crate::store) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

pub(in crate::store) fn sink(name: &str) -> SinkName {
    name.parse().unwrap()
}

/// A store in which the sinks `one` and `two` are known.
pub(in crate::store) async fn opened(backend: &impl Backend) -> Arc<dyn Store> {
    let store = backend.open().await;
    let sinks = [sink("one"), sink("two")];
    store.register_sinks(&sinks, at(0)).await.unwrap();
    store
}

/// An event with this body, received in second `seconds`.
pub(in crate::store) fn event(body: impl Into<Bytes>, seconds: i64) -> NewEvent {
    let body = body.into();
    let document = Document::read(&body).unwrap();
    let facts = Facts::read(&document);
    let endpoint = EndpointName::default();
    NewEvent {
        id: EventId::of_body(&endpoint, facts.occurred_at, document.python()),
        origin: Origin::Webhook,
        endpoint,
        received_at: at(seconds),
        facts,
        body,
        signature: Some(Signature {
            form: SignatureForm::Python,
            secret: "#1".into(),
            timestamp: "1800000000".into(),
            value: "ab".repeat(32).into(),
            signed_at: at(seconds),
        }),
    }
}

/// The body of the `number`-th event about a task.
pub(in crate::store) fn body(task: &str, number: i64) -> String {
    format!(
        r#"{{"type":"agent.task.status_update","timestamp":"{}","payload":{{"task_id":"{task}",
            "session_id":"s_{task}","status":"started","metadata":{{"team":"red","n":{number}}}}}}}"#,
        at(number)
    )
}

/// The `number`-th event about a task, owed to some sinks in order, and received in that second.
pub(in crate::store) fn about(task: &str, number: i64, sinks: &[&str]) -> Append {
    let owed = |name: &&str| Owed {
        sink: sink(name),
        lane: Some(Lane::of(task)),
        enrich: None,
    };
    Append {
        event: event(body(task, number), number),
        owed: sinks.iter().map(owed).collect(),
    }
}

/// The same without an order.
pub(in crate::store) fn loose(task: &str, number: i64, sinks: &[&str]) -> Append {
    let mut append = about(task, number, sinks);
    for owed in &mut append.owed {
        owed.lane = None;
    }
    append
}

/// Appends all at once, so that they meet in few turns.
pub(in crate::store) async fn append_all(
    store: &Arc<dyn Store>,
    appends: Vec<Append>,
) -> Vec<Appended> {
    let waiting: Vec<_> = appends
        .into_iter()
        .map(|append| {
            let store = Arc::clone(store);
            async move { store.append(append).await.unwrap() }
        })
        .collect();
    futures_util::future::join_all(waiting).await
}

/// Claims for one sink.
pub(in crate::store) async fn claim(
    store: &Arc<dyn Store>,
    name: &str,
    limit: usize,
    seconds: i64,
) -> Vec<Lease> {
    let room = Room {
        sink: sink(name),
        limit,
        together: None,
    };
    store.claim(vec![room], at(seconds), LEASE).await.unwrap()
}

/// What a worker says when a try took 5 ms and ended so, or when there was none.
pub(in crate::store) fn word(lease: &Lease, settlement: Settlement, seconds: i64) -> Settle {
    let outcome = match settlement {
        Settlement::Delivered => Some(Outcome::Delivered),
        Settlement::Retry(_) => Some(Outcome::Failed),
        Settlement::Dead(_) => Some(Outcome::Refused),
        Settlement::GivenBack | Settlement::Discarded(_) => None,
    };
    let attempt = |outcome| {
        let failed = outcome != Outcome::Delivered;
        Attempt {
            number: NonZeroU32::new(lease.attempts + 1).unwrap(),
            started_at: at(seconds),
            duration: SignedDuration::from_millis(5),
            outcome,
            status: Some(if failed { 500 } else { 200 }),
            error: failed.then(|| "it said 500".to_owned()),
            answer: Some("so it is".to_owned()),
        }
    };
    Settle {
        delivery: lease.delivery,
        fence: lease.fence,
        held_by: lease.held_by,
        attempt: outcome.map(attempt),
        settlement,
    }
}

/// Settles a lease; says whether it was still held.
pub(in crate::store) async fn settle(
    store: &Arc<dyn Store>,
    lease: &Lease,
    settlement: Settlement,
    seconds: i64,
) -> bool {
    let word = word(lease, settlement, seconds);
    store.settle(word, at(seconds)).await.unwrap()
}

/// All deliveries, oldest first.
pub(in crate::store) async fn deliveries(
    store: &Arc<dyn Store>,
    filter: &DeliveryFilter,
) -> Vec<Delivery> {
    let slice = Slice {
        order: Order::Ascending,
        after: None,
        limit: 1000,
    };
    store.deliveries(filter, slice).await.unwrap().items
}

/// The numbers of all events, oldest first.
pub(in crate::store) async fn numbers(store: &Arc<dyn Store>) -> Vec<i64> {
    let slice = Slice {
        order: Order::Ascending,
        after: None,
        limit: 1000,
    };
    let page = store.events(&EventFilter::default(), slice).await.unwrap();
    page.items.iter().map(|record| record.event.seq).collect()
}

/// Drops a future when it wants to go on for the `polls`-th time.
pub(in crate::store) async fn cut_off<F: Future>(future: F, mut polls: usize) {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        future.as_mut().poll(context).map(drop)
    })
    .await;
}
