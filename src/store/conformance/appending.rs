//! Laws of appending.

use std::sync::Arc;

use crate::canonical::Document;
use crate::delivery::DeliveryState;
use crate::event::EventId;
use crate::store::Append;
use crate::store::Appended;
use crate::store::DeliveryFilter;
use crate::store::StoreError;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;

pub(in crate::store) async fn an_event_and_what_it_owes_are_stored_together(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let append = about("t", 1, &["one", "two"]);
    let appended = store.append(append.clone()).await.unwrap();
    let Appended::New(seq) = appended else {
        panic!("it is new");
    };

    let record = store.event(append.event.id).await.unwrap().unwrap();
    assert_eq!(record.event.seq, seq);
    assert_eq!(record.event.body, append.event.body);
    assert_eq!(record.event.signature, append.event.signature);
    assert_eq!(record.event.facts.task_id.as_deref(), Some("t"));
    assert_eq!(record.event.times_received, 1);
    assert_eq!(record.event.received_at, at(1));
    assert_eq!(record.deliveries.pending, 2);

    let owed = deliveries(&store, &DeliveryFilter::default()).await;
    assert_eq!(owed.len(), 2);
    for delivery in owed {
        assert_eq!(delivery.event_id, append.event.id);
        assert_eq!(delivery.state, DeliveryState::Pending);
        assert_eq!(delivery.next_attempt_at, Some(at(1)));
    }
}

pub(in crate::store) async fn a_known_event_owes_nothing_new(backend: &impl Backend) {
    let store = opened(backend).await;
    let append = about("t", 1, &["one"]);
    let Appended::New(seq) = store.append(append.clone()).await.unwrap() else {
        panic!("it is new");
    };
    let mut again = append.clone();
    again.event.received_at = at(50);

    assert_eq!(store.append(again).await.unwrap(), Appended::Known(seq));
    let record = store.event(append.event.id).await.unwrap().unwrap();
    assert_eq!(record.deliveries.pending, 1);
    assert_eq!(record.event.times_received, 2);
    assert_eq!(record.event.received_at, at(1));
    assert_eq!(record.event.last_received_at, at(50));
}

pub(in crate::store) async fn the_same_event_twice_at_once_is_one_event(backend: &impl Backend) {
    let store = opened(backend).await;
    let appended = append_all(&store, vec![about("t", 1, &["one"]); 40]).await;

    let Appended::New(seq) = appended[0] else {
        panic!("the first is new");
    };
    let again = &appended[1..];
    assert!(again.iter().all(|one| *one == Appended::Known(seq)));
    let owed = deliveries(&store, &DeliveryFilter::default()).await;
    assert_eq!(owed.len(), 1);
}

pub(in crate::store) async fn a_known_event_first_in_its_lane_leaves_the_lane_its_head(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let first = about("t", 1, &["one"]);
    store.append(first.clone()).await.unwrap();
    let leases = claim(&store, "one", 10, 5).await;
    let done = crate::delivery::Settlement::Delivered;
    super::stage::settle(&store, &leases[0], done, 6).await;

    // The known one stands first among its lane in this batch, and owes nothing.
    let batch = vec![first, about("t", 2, &["one"]), about("t", 3, &["one"])];
    append_all(&store, batch).await;
    assert_eq!(claim(&store, "one", 10, 10).await.len(), 1);
    assert_eq!(store.sweep(at(10)).await.unwrap(), 0);
}

pub(in crate::store) async fn one_bad_event_fails_alone(backend: &impl Backend) {
    let store = opened(backend).await;
    let mut appends: Vec<_> = (1..=40).map(|n| about("t", n, &["one"])).collect();
    appends[7] = loose("t", 8, &["nobody-registered-this-sink"]);
    let bad = appends[7].event.id;

    let waiting = appends.into_iter().map(|append| {
        let store = Arc::clone(&store);
        async move { store.append(append).await }
    });
    let results = futures_util::future::join_all(waiting).await;

    for (place, result) in results.iter().enumerate() {
        assert_eq!(result.is_err(), place == 7, "{place}: {result:?}");
    }
    assert!(store.event(bad).await.unwrap().is_none());
    assert_eq!(
        deliveries(&store, &DeliveryFilter::default()).await.len(),
        39
    );
    assert_eq!(store.sweep(at(99)).await.unwrap(), 0);
}

pub(in crate::store) async fn who_saw_an_event_never_finds_a_new_one_below_it(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let mut committed = store.committed();
    let writing = {
        let store = Arc::clone(&store);
        async move {
            for round in 0..10 {
                let batch = (1..=20).map(|n| loose(&format!("t{round}"), n, &["one"]));
                append_all(&store, batch.collect()).await;
            }
        }
    };
    let reading = async {
        let mut seen: Vec<i64> = Vec::new();
        while seen.len() < 200 {
            committed.changed().await.unwrap();
            let newest = *committed.borrow_and_update();
            let found = super::stage::numbers(&store).await;
            // What is announced can be read, and what was read before is the beginning of this.
            assert!(found.last() >= Some(&newest));
            assert!(found.starts_with(&seen), "{seen:?} then {found:?}");
            seen = found;
        }
    };
    tokio::join!(writing, reading);
}

pub(in crate::store) async fn times_never_fall_though_the_clock_does(backend: &impl Backend) {
    let store = opened(backend).await;
    let late = about("a", 100, &["one"]);
    let early = about("b", 1, &["one"]);
    store.append(late).await.unwrap();
    store.append(early.clone()).await.unwrap();

    let record = store.event(early.event.id).await.unwrap().unwrap();
    assert_eq!(record.event.received_at, at(100));
    // And yet it is due by the clock as it is: not in a minute and a half.
    assert_eq!(claim(&store, "one", 10, 1).await.len(), 1);
}

pub(in crate::store) async fn text_no_database_likes_comes_back_as_it_came(backend: &impl Backend) {
    let store = opened(backend).await;
    let bodies: [&[u8]; 5] = [
        br#"{"type":"\u0000","payload":{"task_id":"a\u0000b","metadata":{"k\u0000":"\u0000v"}}}"#,
        br#"{"type":"\ud800","payload":{"task_id":"\udfff","status":"\ud83d"}}"#,
        "{\"type\":\"\u{1f600}\",\"payload\":{\"task_id\":\"'; drop table event; --\"}}".as_bytes(),
        br#"{"payload":{"task_id":7,"status":["x"],"session_id":null,"metadata":[1]},"type":{}}"#,
        b"[NaN, Infinity, 1e999, 12345678901234567890123456789]",
    ];
    for body in bodies {
        let mut append = Append {
            event: event(body.to_vec(), 1),
            owed: Vec::new(),
        };
        let signature = append.event.signature.as_mut().unwrap();
        signature.timestamp = "2027-01-15T08:00:01+00:00 \u{0} \u{e9}".into();
        store.append(append.clone()).await.unwrap();

        let read = store.event(append.event.id).await.unwrap().unwrap().event;
        assert_eq!(read.body, body);
        assert_eq!(read.signature, append.event.signature);
        assert_eq!(read.facts.kind, append.event.facts.kind);
        assert_eq!(read.facts.task_id, append.event.facts.task_id);
        let id = EventId::of_body(
            &read.endpoint,
            read.facts.occurred_at,
            Document::read(&read.body).unwrap().python(),
        );
        assert_eq!(id, read.id);
    }
}

pub(in crate::store) async fn a_closed_store_takes_nothing(backend: &impl Backend) {
    let store = opened(backend).await;
    let append = about("t", 1, &["one"]);
    store.append(append.clone()).await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();

    let refused = store.append(about("t", 2, &["one"])).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
    let refused = store.event(append.event.id).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");

    let store = backend.open().await;
    assert!(store.event(append.event.id).await.unwrap().is_some());
}
