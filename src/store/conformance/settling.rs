//! Laws of settling, and of what people do by hand.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::delivery::DeliveryId;
use crate::delivery::DeliveryState;
use crate::delivery::Outcome;
use crate::delivery::Settlement;
use crate::store::Changed;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;
use crate::store::conformance::stage::word;

pub(in crate::store) async fn an_attempt_is_kept_with_all_that_is_known_of_it(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(loose("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    let mut failed = word(&lease, Settlement::Retry(at(30)), 11);
    let answer = "half a NUL \0 and \u{1f600}, \"quoted\"";
    failed.attempt.as_mut().unwrap().answer = Some(answer.to_owned());
    assert!(store.settle(failed.clone(), at(12)).await.unwrap());

    let (delivery, attempts) = store.delivery(lease.delivery).await.unwrap().unwrap();
    assert_eq!(attempts, [failed.attempt.unwrap()]);
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(delivery.next_attempt_at, Some(at(30)));
    assert_eq!(delivery.last_answer.as_deref(), Some("it said 500"));

    let again = claim(&store, "one", 1, 30).await.remove(0);
    assert_eq!(again.attempts, 1);
    assert_eq!(again.patience_since, Some(at(11)));
    settle(&store, &again, Settlement::Delivered, 31).await;
    let (delivery, attempts) = store.delivery(lease.delivery).await.unwrap().unwrap();
    assert_eq!(delivery.settled_at, Some(at(31)));
    assert_eq!(attempts[1].number.get(), 2);
    assert_eq!(attempts[1].outcome, Outcome::Delivered);
}

pub(in crate::store) async fn of_two_words_on_one_lease_the_first_counts(backend: &impl Backend) {
    // More than stand in one statement.
    const LEASES: usize = 300;
    let store = opened(backend).await;
    let appends = (1..).take(LEASES).map(|n| loose("t", n, &["one"]));
    append_all(&store, appends.collect()).await;
    let leases = claim(&store, "one", LEASES, 1000).await;
    // All at once, so that both words on a lease meet in a turn.
    let words = leases.iter().chain(&leases).map(|lease| {
        let store = Arc::clone(&store);
        let word = word(lease, Settlement::Delivered, 1001);
        async move { store.settle(word, at(1001)).await.unwrap() }
    });
    let settled = futures_util::future::join_all(words).await;
    assert_eq!(settled.iter().filter(|&&yes| yes).count(), LEASES);
    for lease in leases {
        let (delivery, attempts) = store.delivery(lease.delivery).await.unwrap().unwrap();
        assert_eq!((delivery.attempts, attempts.len()), (1, 1));
    }
}

pub(in crate::store) async fn what_is_given_back_is_due_at_once_and_counts_no_attempt(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    assert!(settle(&store, &lease, Settlement::GivenBack, 11).await);

    let again = claim(&store, "one", 1, 11).await.remove(0);
    assert_eq!(again.attempts, 0);
    assert_eq!(again.patience_since, None);
}

pub(in crate::store) async fn what_is_discarded_untried_counts_no_attempt_and_blocks_nobody(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    append_all(
        &store,
        vec![about("t", 1, &["one"]), about("t", 2, &["one"])],
    )
    .await;
    let lease = claim(&store, "one", 9, 10).await.remove(0);
    let discarded = Settlement::Discarded("filtered".to_owned());
    assert!(settle(&store, &lease, discarded, 11).await);

    let (delivery, attempts) = store.delivery(lease.delivery).await.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Discarded);
    assert_eq!(delivery.reason.as_deref(), Some("filtered"));
    assert_eq!((delivery.attempts, attempts.len()), (0, 0));
    let next = claim(&store, "one", 9, 11).await;
    assert_eq!(next.len(), 1, "the one behind it is due");
}

pub(in crate::store) async fn a_dead_letter_can_be_tried_again_with_all_its_time(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    settle(&store, &lease, Settlement::Dead("refused".to_owned()), 11).await;
    let (dead, _) = store.delivery(lease.delivery).await.unwrap().unwrap();
    assert_eq!(dead.reason.as_deref(), Some("refused"));

    let changed = store.retry(lease.delivery, at(20)).await.unwrap();
    let Changed::Done(delivery) = changed else {
        panic!("{changed:?}");
    };
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert_eq!(delivery.next_attempt_at, Some(at(20)));
    assert_eq!(delivery.reason, None);
    let again = claim(&store, "one", 1, 20).await.remove(0);
    assert_eq!(again.attempts, 1);
    assert_eq!(again.patience_since, None);
}

pub(in crate::store) async fn what_was_discarded_and_is_asked_for_again_is_a_replay(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    let discarded = Settlement::Discarded("superseded".to_owned());
    settle(&store, &lease, discarded, 11).await;
    assert!(!lease.replay);

    store.retry(lease.delivery, at(20)).await.unwrap();
    let again = claim(&store, "one", 1, 20).await.remove(0);
    assert!(again.replay, "or it would be discarded again");
}

pub(in crate::store) async fn a_try_that_is_put_off_can_be_made_now(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(
        &store,
        vec![about("t", 1, &["one"]), about("t", 2, &["one"])],
    )
    .await;
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    settle(&store, &lease, Settlement::Retry(at(900)), 11).await;
    store.retry(lease.delivery, at(12)).await.unwrap();

    let again = claim(&store, "one", 9, 12).await;
    assert_eq!(again.len(), 1, "the one behind it waits on");
    assert_eq!(again[0].delivery, lease.delivery);
}

pub(in crate::store) async fn what_is_discarded_in_flight_cannot_be_settled(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    let busy = store.retry(lease.delivery, at(11)).await.unwrap();
    assert!(matches!(busy, Changed::NotNow(DeliveryState::Leased)));

    store
        .discard(lease.delivery, "no longer wanted", at(11))
        .await
        .unwrap();
    assert!(!settle(&store, &lease, Settlement::Delivered, 12).await);
    let (delivery, attempts) = store.delivery(lease.delivery).await.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Discarded);
    assert_eq!(delivery.reason.as_deref(), Some("no longer wanted"));
    assert!(attempts.is_empty());
}

pub(in crate::store) async fn an_id_that_was_made_up_is_unknown(backend: &impl Backend) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    let lease = claim(&store, "one", 1, 10).await.remove(0);
    for made_up in [
        DeliveryId::new(at(77), lease.delivery.row()),
        DeliveryId::new(at(1), 999),
    ] {
        assert!(store.delivery(made_up).await.unwrap().is_none());
        let retried = store.retry(made_up, at(11)).await.unwrap();
        assert!(matches!(retried, Changed::Unknown));
        let discarded = store.discard(made_up, "", at(11)).await.unwrap();
        assert!(matches!(discarded, Changed::Unknown));
    }
}

pub(in crate::store) async fn a_sink_tells_how_it_fares(backend: &impl Backend) {
    let store = opened(backend).await;
    append_all(&store, (1..=3).map(|n| about("t", n, &["one"])).collect()).await;
    append_all(
        &store,
        (4..=6).map(|n| loose("u", n, &["one", "two"])).collect(),
    )
    .await;
    let stats = store.sink_stats(&sink("one"), at(10)).await.unwrap();
    assert_eq!((stats.pending, stats.waiting, stats.dead), (4, 2, 0));
    assert_eq!(stats.oldest_due_at, Some(at(1)));
    assert_eq!(stats.p95_ms, None);

    let leases = claim(&store, "one", 9, 10).await;
    settle(&store, &leases[0], Settlement::Delivered, 11).await;
    settle(&store, &leases[1], Settlement::Dead("no".to_owned()), 11).await;
    settle(&store, &leases[2], Settlement::Retry(at(500)), 11).await;
    let stats = store.sink_stats(&sink("one"), at(12)).await.unwrap();
    assert_eq!((stats.pending, stats.waiting, stats.dead), (3, 1, 1));
    assert_eq!((stats.delivered_24h, stats.failed_24h), (1, 2));
    assert_eq!(stats.p95_ms, Some(5));
    assert_eq!(stats.last_error.as_deref(), Some("it said 500"));

    let later = at(12) + SignedDuration::from_hours(25);
    let stats = store.sink_stats(&sink("one"), later).await.unwrap();
    assert_eq!((stats.delivered_24h, stats.failed_24h), (0, 0));
    let other = store.sink_stats(&sink("two"), at(12)).await.unwrap();
    assert_eq!((other.pending, other.last_error), (3, None));
}
