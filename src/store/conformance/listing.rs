//! Laws of listings.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::event::Origin;
use crate::store::DeliveryFilter;
use crate::store::EventFilter;
use crate::store::Order;
use crate::store::Slice;
use crate::store::Store;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TaskState;

/// The seconds in which the events were received that a filter finds, page by page.
async fn found(store: &Arc<dyn Store>, filter: &EventFilter, order: Order) -> Vec<i64> {
    let mut found = Vec::new();
    let mut slice = Slice {
        order,
        after: None,
        limit: 3,
    };
    loop {
        let page = store.events(filter, slice).await.unwrap();
        assert!(page.items.len() <= 3);
        let seconds = |record: &crate::store::EventRecord| {
            record.event.received_at.as_second() - at(0).as_second()
        };
        found.extend(page.items.iter().map(seconds));
        slice.after = page.next;
        if page.next.is_none() {
            return found;
        }
    }
}

async fn stocked(backend: &impl Backend) -> Arc<dyn Store> {
    let store = opened(backend).await;
    for n in 1..=10 {
        let task = if n % 2 == 0 { "even" } else { "odd" };
        store.append(about(task, n, &["one"])).await.unwrap();
    }
    store
}

pub(in crate::store) async fn pages_follow_each_other_without_gap_or_repetition(
    backend: &impl Backend,
) {
    let store = stocked(backend).await;
    let all = EventFilter::default();
    let up: Vec<i64> = (1..=10).collect();
    let down: Vec<i64> = (1..=10).rev().collect();
    assert_eq!(found(&store, &all, Order::Ascending).await, up);
    assert_eq!(found(&store, &all, Order::Descending).await, down);

    // What comes meanwhile is above every page that goes down.
    let slice = Slice {
        order: Order::Descending,
        after: None,
        limit: 4,
    };
    let page = store.events(&all, slice).await.unwrap();
    store.append(about("new", 11, &[])).await.unwrap();
    let slice = Slice {
        after: page.next,
        ..slice
    };
    let page = store.events(&all, slice).await.unwrap();
    assert_eq!(page.items[0].event.received_at, at(6));
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn team(value: &str) -> BTreeMap<String, Vec<String>> {
    [("team".to_owned(), texts(&[value]))].into()
}

fn only(part: impl FnOnce(&mut EventFilter)) -> EventFilter {
    let mut filter = EventFilter::default();
    part(&mut filter);
    filter
}

pub(in crate::store) async fn every_part_of_a_filter_must_hold_and_one_of_several_values(
    backend: &impl Backend,
) {
    let store = stocked(backend).await;
    let odd = [1, 3, 5, 7, 9];
    let every: Vec<i64> = (1..=10).collect();
    let cases: Vec<(EventFilter, &[i64])> = vec![
        (only(|f| f.task_ids = texts(&["odd"])), &odd),
        (only(|f| f.task_ids = texts(&["odd", "even", "-"])), &every),
        (only(|f| f.session_ids = texts(&["s_odd"])), &odd),
        (only(|f| f.run_ids = texts(&["odd"])), &[]),
        (only(|f| f.status = texts(&["started"])), &every),
        (only(|f| f.states = vec![TaskState::Running]), &every),
        (only(|f| f.states = vec![TaskState::Finished]), &[]),
        (only(|f| f.types = texts(&["test"])), &[]),
        (only(|f| f.metadata = team("red")), &every),
        (only(|f| f.metadata = team("blue")), &[]),
        (only(|f| f.origins = vec![Origin::Webhook]), &every),
        (only(|f| f.origins = vec![Origin::Reconcile]), &[]),
        (only(|f| f.since = Some(at(8))), &[8, 9, 10]),
        (only(|f| f.since = Some(at(99))), &[]),
        (only(|f| f.until = Some(at(3))), &[1, 2]),
        (only(|f| f.until = Some(at(0))), &[]),
        (
            only(|f| {
                f.task_ids = texts(&["odd"]);
                f.metadata = team("red");
                f.since = Some(at(6));
            }),
            &[7, 9],
        ),
    ];
    for (filter, expected) in cases {
        let up = found(&store, &filter, Order::Ascending).await;
        assert_eq!(up, expected, "{filter:?}");
        let mut down = found(&store, &filter, Order::Descending).await;
        down.reverse();
        assert_eq!(down, expected, "{filter:?}");
    }
}

pub(in crate::store) async fn free_text_finds_what_begins_with_it(backend: &impl Backend) {
    let store = stocked(backend).await;
    let odd_name =
        r#"{"type":"x","payload":{"metadata":{"who":"J\u00fcrgen \"J\""},"task_id":"é"}}"#;
    let mut strange = about("x", 11, &[]);
    strange.event = super::stage::event(odd_name, 11);
    let id = strange.event.id.to_string();
    store.append(strange).await.unwrap();

    let search = async |text: &str| {
        let filter = EventFilter {
            q: Some(text.to_owned()),
            ..EventFilter::default()
        };
        found(&store, &filter, Order::Ascending).await
    };
    assert_eq!(search("od").await, [1, 3, 5, 7, 9]);
    assert_eq!(search("s_even").await, [2, 4, 6, 8, 10]);
    assert_eq!(search("red").await.len(), 10);
    // In the middle of a value, and in what is neither id nor metadata, nothing is found.
    assert!(search("ed").await.is_empty());
    assert!(search("started").await.is_empty());
    assert_eq!(search("Jürgen \"").await, [11]);
    assert_eq!(search("é").await, [11]);
    assert_eq!(search(&id).await, [11]);
    assert_eq!(search(id.get(..20).unwrap()).await, [11]);
}

pub(in crate::store) async fn deliveries_are_found_by_state_sink_task_and_event(
    backend: &impl Backend,
) {
    let store = stocked(backend).await;
    store.append(about("other", 20, &["two"])).await.unwrap();
    let leases = claim(&store, "one", 2, 30).await;
    settle(&store, &leases[0], Settlement::Dead("no".to_owned()), 31).await;

    let count = async |filter: DeliveryFilter| {
        let all = deliveries(&store, &filter).await;
        let mut paged = Vec::new();
        let mut slice = Slice {
            order: Order::Descending,
            after: None,
            limit: 2,
        };
        loop {
            let page = store.deliveries(&filter, slice).await.unwrap();
            paged.extend(page.items.iter().map(|delivery| delivery.id));
            slice.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        paged.reverse();
        let ids: Vec<_> = all.iter().map(|delivery| delivery.id).collect();
        assert_eq!(paged, ids, "{filter:?}");
        ids.len()
    };
    let states = |states: &[DeliveryState]| DeliveryFilter {
        states: states.to_vec(),
        ..DeliveryFilter::default()
    };
    assert_eq!(count(DeliveryFilter::default()).await, 11);
    assert_eq!(count(states(&[DeliveryState::Dead])).await, 1);
    assert_eq!(count(states(&[DeliveryState::Leased])).await, 1);
    assert_eq!(count(states(&[DeliveryState::Pending])).await, 2);
    assert_eq!(count(states(&[DeliveryState::Waiting])).await, 7);
    assert_eq!(
        count(states(&[DeliveryState::Waiting, DeliveryState::Dead])).await,
        8
    );
    assert_eq!(count(states(&DeliveryState::ALL)).await, 11);
    let mut of_sink = states(&[DeliveryState::Pending, DeliveryState::Dead]);
    of_sink.sinks = vec![sink("two")];
    assert_eq!(count(of_sink).await, 1);
    let of_task = DeliveryFilter {
        task_ids: vec!["odd".to_owned(), "other".to_owned()],
        ..DeliveryFilter::default()
    };
    assert_eq!(count(of_task).await, 6);
    let of_event = DeliveryFilter {
        event: Some(leases[0].event.id),
        ..DeliveryFilter::default()
    };
    assert_eq!(count(of_event).await, 1);
}

pub(in crate::store) async fn what_was_stored_is_found_however_much_came_since(
    backend: &impl Backend,
) {
    let filter = only(|filter| filter.task_ids = texts(&["rare"]));
    let of_task = DeliveryFilter {
        task_ids: filter.task_ids.clone(),
        ..DeliveryFilter::default()
    };
    let task = TaskKey {
        kind: TaskKind::Task,
        id: "rare".into(),
    };
    let mut store = opened(backend).await;
    let mut rare = Vec::new();
    // Enough for an index that is written for many events at once to be written, and more than once.
    for first in (1..=1_400).step_by(200) {
        let event = |n: i64| {
            let task = if n % 50 == 7 { "rare" } else { "other" };
            about(task, n, &["one"])
        };
        let mut appends: Vec<_> = (first..first + 200).map(event).collect();
        // One that is known is not another one.
        appends.push(event(7));
        append_all(&store, appends).await;

        rare.extend((first..first + 200).filter(|n| n % 50 == 7));
        assert_eq!(found(&store, &filter, Order::Ascending).await, rare);
        assert_eq!(deliveries(&store, &of_task).await.len(), rare.len());
        let events = store.events_about(&task, 1_400).await.unwrap();
        assert_eq!(events.len(), rare.len());
        if first % 600 == 1 {
            store.close().await.unwrap();
            store = backend.open().await;
        }
    }
    let down: Vec<i64> = rare.into_iter().rev().collect();
    assert_eq!(found(&store, &filter, Order::Descending).await, down);
}

pub(in crate::store) async fn an_event_counts_its_deliveries(backend: &impl Backend) {
    let store = opened(backend).await;
    let append = about("t", 1, &["one", "two"]);
    store.append(append.clone()).await.unwrap();
    append_all(&store, vec![about("t", 2, &["one"])]).await;
    let lease = claim(&store, "one", 1, 5).await.remove(0);
    settle(&store, &lease, Settlement::Delivered, 6).await;
    let sinks = [sink("one"), sink("two")];
    store.replay(append.event.id, &sinks, at(7)).await.unwrap();

    let counts = store
        .event(append.event.id)
        .await
        .unwrap()
        .unwrap()
        .deliveries;
    assert_eq!((counts.pending, counts.delivered), (3, 1));
}
