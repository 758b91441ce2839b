//! Laws of order.

use std::collections::HashMap;

use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::store::DeliveryFilter;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;

pub(in crate::store) async fn events_about_a_task_reach_a_sink_one_after_the_other(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appends = (1..=30).map(|n| about(&format!("t{}", n % 3), n, &["one", "two"]));
    append_all(&store, appends.collect()).await;

    let mut last: HashMap<String, i64> = HashMap::new();
    let mut delivered = 0;
    while delivered < 30 {
        let leases = claim(&store, "one", 100, 100).await;
        // Three tasks: never more than one delivery of each is out.
        assert_eq!(leases.len(), 3);
        for lease in leases {
            let task = lease.event.facts.task_id.as_deref().unwrap().to_owned();
            let before = last.insert(task, lease.event.seq);
            assert!(before < Some(lease.event.seq));
            assert!(settle(&store, &lease, Settlement::Delivered, 100).await);
            delivered += 1;
        }
    }
    assert!(claim(&store, "one", 100, 100).await.is_empty());
    // The other sink has its own lanes, untouched by all that.
    assert_eq!(claim(&store, "two", 100, 100).await.len(), 3);
    assert_eq!(store.sweep(at(200)).await.unwrap(), 0);
}

pub(in crate::store) async fn a_lane_has_one_head_however_many_come_at_once(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appends = (1..=200).map(|n| about("t", n, &["one", "two"]));
    append_all(&store, appends.collect()).await;
    for sink in ["one", "two"] {
        let leases = claim(&store, sink, 1000, 1000).await;
        let events: Vec<_> = leases.iter().map(|lease| lease.event.seq).collect();
        assert_eq!(events, [1], "{sink}");
    }
}

pub(in crate::store) async fn a_try_put_off_holds_up_its_own_task_and_no_other(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appends = [("a", 1), ("a", 2), ("b", 3)];
    let appends = appends.map(|(task, n)| about(task, n, &["one"]));
    append_all(&store, appends.to_vec()).await;
    let leases = claim(&store, "one", 9, 10).await;
    assert_eq!(leases.len(), 2);
    settle(&store, &leases[0], Settlement::Retry(at(100)), 11).await;
    settle(&store, &leases[1], Settlement::Delivered, 11).await;

    store.append(about("b", 4, &["one"])).await.unwrap();
    let leases = claim(&store, "one", 9, 20).await;
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].event.facts.task_id.as_deref(), Some("b"));
}

pub(in crate::store) async fn a_dead_or_discarded_delivery_holds_up_nobody(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(&store, (1..=3).map(|n| about("t", n, &["one"])).collect()).await;
    let first = claim(&store, "one", 9, 10).await.remove(0);
    settle(&store, &first, Settlement::Dead("no".to_owned()), 11).await;
    let second = claim(&store, "one", 9, 12).await.remove(0);
    store
        .discard(second.delivery, "skip it", at(13))
        .await
        .unwrap();
    let third = claim(&store, "one", 9, 14).await;
    assert_eq!(third.len(), 1);
    assert!(third[0].event.seq > second.event.seq);
}

pub(in crate::store) async fn who_is_discarded_while_waiting_is_passed_over(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    append_all(&store, (1..=3).map(|n| about("t", n, &["one"])).collect()).await;
    let waiting = DeliveryFilter {
        states: vec![DeliveryState::Waiting],
        ..DeliveryFilter::default()
    };
    let second = deliveries(&store, &waiting).await.remove(0);
    store.discard(second.id, "skip it", at(5)).await.unwrap();

    let first = claim(&store, "one", 9, 10).await;
    assert_eq!(first.len(), 1, "discarding one that waits makes nobody due");
    settle(&store, &first[0], Settlement::Delivered, 11).await;
    let third = claim(&store, "one", 9, 12).await;
    assert_eq!(third.len(), 1);
    assert_ne!(third[0].delivery, second.id);
}

pub(in crate::store) async fn replays_and_retried_dead_letters_neither_wait_nor_block(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appends: Vec<_> = (1..=3).map(|n| about("t", n, &["one"])).collect();
    append_all(&store, appends.clone()).await;
    let first = claim(&store, "one", 9, 10).await.remove(0);
    settle(&store, &first, Settlement::Dead("no".to_owned()), 11).await;

    // The second is due now, the third waits. Both of these go ahead beside them.
    store.retry(first.delivery, at(12)).await.unwrap();
    let replayed = store
        .replay(appends[2].event.id, &[sink("one")], at(12))
        .await
        .unwrap()
        .unwrap();
    assert!(replayed[0].replay);
    let leases = claim(&store, "one", 9, 13).await;
    assert_eq!(leases.len(), 3);
    assert_eq!(leases.iter().filter(|lease| lease.replay).count(), 1);

    // Settling the second promotes the third, though the others of its task are still out.
    let second = leases
        .iter()
        .find(|lease| lease.event.id == appends[1].event.id);
    settle(&store, second.unwrap(), Settlement::Delivered, 14).await;
    assert_eq!(claim(&store, "one", 9, 15).await.len(), 1);
}

pub(in crate::store) async fn without_an_order_nobody_waits(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(&store, (1..=9).map(|n| loose("t", n, &["one"])).collect()).await;
    assert_eq!(claim(&store, "one", 100, 10).await.len(), 9);
}

pub(in crate::store) async fn nothing_is_lost_or_stuck_however_work_goes_on_at_once(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let appending = async {
        for n in 1..=40 {
            let batch = (0..5).map(|task| about(&format!("t{task}"), n, &["one"]));
            append_all(&store, batch.collect()).await;
        }
    };
    let delivering = async {
        let mut order: HashMap<String, Vec<i64>> = HashMap::new();
        let mut delivered = 0;
        let mut tries = 0;
        while delivered < 200 {
            for lease in claim(&store, "one", 8, 1000).await {
                tries += 1;
                let task = lease.event.facts.task_id.as_deref().unwrap().to_owned();
                // One in four fails, and is due again at once.
                if tries % 4 == 0 {
                    settle(&store, &lease, Settlement::Retry(at(1000)), 1000).await;
                } else {
                    order.entry(task).or_default().push(lease.event.seq);
                    settle(&store, &lease, Settlement::Delivered, 1000).await;
                    delivered += 1;
                }
            }
            tokio::task::yield_now().await;
        }
        order
    };
    let ((), order) = tokio::join!(appending, delivering);
    for events in order.values() {
        assert_eq!(events.len(), 40);
        assert!(events.is_sorted());
    }
    assert_eq!(store.sweep(at(2000)).await.unwrap(), 0);
}
