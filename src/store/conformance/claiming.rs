//! Laws of claiming.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::store::DeliveryFilter;
use crate::store::Room;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::LEASE;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;

pub(in crate::store) async fn two_claimers_never_share_a_lease(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(&store, (1..=60).map(|n| loose("t", n, &["one"])).collect()).await;

    let claims = (0..12).map(|_| {
        let store = Arc::clone(&store);
        async move { claim(&store, "one", 7, 100).await }
    });
    let leases: Vec<_> = futures_util::future::join_all(claims).await.concat();
    let distinct: HashSet<_> = leases.iter().map(|lease| lease.delivery).collect();
    assert_eq!(leases.len(), 60);
    assert_eq!(distinct.len(), 60);
}

pub(in crate::store) async fn a_claim_brings_the_event_and_no_more_than_there_is_room_for(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appends: Vec<_> = (1..=5).map(|n| loose("t", n, &["one", "two"])).collect();
    append_all(&store, appends.clone()).await;

    let room = |name, limit| Room {
        sink: sink(name),
        limit,
        together: None,
    };
    let rooms = vec![room("one", 2), room("two", 0), room("nobody", 9)];
    let leases = store.claim(rooms, at(10), LEASE).await.unwrap();
    assert_eq!(leases.len(), 2);
    for (lease, append) in leases.iter().zip(&appends) {
        assert_eq!(lease.sink, sink("one"));
        assert_eq!(lease.event.id, append.event.id);
        assert_eq!(lease.event.body, append.event.body);
        assert_eq!(lease.attempts, 0);
        assert_eq!(lease.patience_since, None);
        assert!(!lease.replay);
    }
}

/// Whether it was kept at hand, came again since, or was stored by a process before this one.
pub(in crate::store) async fn a_claim_brings_the_event_as_everybody_reads_it(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let mut appends: Vec<_> = (1..=3).map(|n| loose("t", n, &["one"])).collect();
    // A clock that fell, and one that is exact to the nanosecond.
    appends[1].event.received_at = at(0);
    appends[2].event.received_at = at(3) + SignedDuration::from_nanos(1_999);
    append_all(&store, appends.clone()).await;
    store.append(appends[0].clone()).await.unwrap();

    let leases = claim(&store, "one", 3, 10).await;
    assert_eq!(leases.len(), 3);
    for lease in &leases {
        let read = store.event(lease.event.id).await.unwrap().unwrap().event;
        assert_eq!(format!("{:?}", lease.event), format!("{read:?}"));
    }
    assert_eq!(leases[0].event.times_received, 2);

    store.close().await.unwrap();
    let store = opened(backend).await;
    for (again, first) in claim(&store, "one", 3, 70).await.iter().zip(&leases) {
        assert_eq!(format!("{:?}", again.event), format!("{:?}", first.event));
    }
}

pub(in crate::store) async fn an_expired_lease_is_claimable_again_and_its_holder_shut_out(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(loose("t", 1, &["one"])).await.unwrap();
    let held = claim(&store, "one", 1, 10).await.remove(0);
    assert_eq!(store.next_due(&[sink("one")]).await.unwrap(), Some(at(70)));

    assert!(claim(&store, "one", 1, 69).await.is_empty());
    let again = claim(&store, "one", 1, 70).await.remove(0);
    assert_eq!(again.delivery, held.delivery);
    assert!(again.fence > held.fence);

    assert!(!settle(&store, &held, Settlement::Delivered, 71).await);
    assert!(settle(&store, &again, Settlement::Delivered, 72).await);
    // One attempt: that of the one who held the lease.
    let (delivery, attempts) = store.delivery(held.delivery).await.unwrap().unwrap();
    assert_eq!((delivery.attempts, attempts.len()), (1, 1));
}

pub(in crate::store) async fn leases_of_a_process_that_died_are_void_when_the_next_one_opens(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    append_all(
        &store,
        vec![about("t", 1, &["one"]), about("t", 2, &["one"])],
    )
    .await;
    let held = claim(&store, "one", 1, 10).await.remove(0);
    store.close().await.unwrap();

    let store = backend.open().await;
    assert!(!settle(&store, &held, Settlement::Delivered, 11).await);
    let again = claim(&store, "one", 9, 11).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].delivery, held.delivery);
    assert_eq!(again[0].attempts, 0);
}

pub(in crate::store) async fn a_settled_delivery_is_never_claimed_again(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(&store, (1..=3).map(|n| loose("t", n, &["one"])).collect()).await;
    let leases = claim(&store, "one", 3, 10).await;
    settle(&store, &leases[0], Settlement::Delivered, 11).await;
    settle(&store, &leases[1], Settlement::Dead("no".to_owned()), 11).await;
    store
        .discard(leases[2].delivery, "not wanted", at(11))
        .await
        .unwrap();

    assert!(claim(&store, "one", 9, 1_000_000).await.is_empty());
    assert_eq!(store.next_due(&[sink("one")]).await.unwrap(), None);
    let states: Vec<_> = deliveries(&store, &DeliveryFilter::default())
        .await
        .iter()
        .map(|delivery| delivery.state)
        .collect();
    let expected = [
        DeliveryState::Delivered,
        DeliveryState::Dead,
        DeliveryState::Discarded,
    ];
    assert_eq!(states, expected);
}

pub(in crate::store) async fn whoever_waits_hears_of_what_becomes_due(backend: &impl Backend) {
    let store = opened(backend).await;
    let mut committed = store.committed();
    let first = about("t", 1, &["one"]);
    store.append(first.clone()).await.unwrap();
    assert!(committed.has_changed().unwrap());

    store.append(about("t", 2, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    committed.mark_unchanged();
    // The next of the lane becomes due by this.
    settle(&store, &lease, Settlement::Delivered, 11).await;
    assert!(committed.has_changed().unwrap());

    committed.mark_unchanged();
    store
        .replay(first.event.id, &[sink("one")], at(12))
        .await
        .unwrap();
    assert!(committed.has_changed().unwrap());
}
