//! Laws of how sinks stand, and of the patience with what they are owed.

use std::sync::Arc;

use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::store::OpenBreaker;
use crate::store::Standing;
use crate::store::Standings;
use crate::store::Store;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;

fn standings(store: &Arc<dyn Store>) -> Standings {
    Standings::clone(&store.standings().borrow())
}

/// A breaker that opened at this second.
fn open(since: i64) -> OpenBreaker {
    OpenBreaker {
        since: at(since),
        probe_at: at(since + 10),
    }
}

async fn breaker(store: &Arc<dyn Store>, open: impl Into<Option<OpenBreaker>>, seconds: i64) {
    let noted = store
        .note_breaker(&sink("one"), open.into(), at(seconds))
        .await;
    noted.unwrap();
}

async fn pause(store: &Arc<dyn Store>, seconds: i64) {
    assert!(store.pause(&sink("one"), at(seconds)).await.unwrap());
}

async fn resume(store: &Arc<dyn Store>, seconds: i64) {
    assert!(store.resume(&sink("one"), at(seconds)).await.unwrap());
}

/// Leases the only delivery, fails at once, and is tried again at once.
async fn fails(store: &Arc<dyn Store>, seconds: i64) -> Option<i64> {
    let lease = claim(store, "one", 1, seconds).await.remove(0);
    settle(store, &lease, Settlement::Retry(at(seconds)), seconds).await;
    let since = lease.patience_since?;
    Some(since.duration_since(at(0)).as_secs())
}

pub(in crate::store) async fn how_a_sink_stands_is_kept_and_told_to_who_waits(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let mut told = store.standings();
    assert!(told.borrow_and_update().is_empty());

    pause(&store, 10).await;
    // Paused once more, it is paused since the first time.
    pause(&store, 11).await;
    breaker(&store, open(12), 12).await;
    let expected = Standing {
        paused_at: Some(at(10)),
        open: Some(open(12)),
    };
    let expected = Standings::from([(sink("one"), expected)]);
    assert!(told.has_changed().unwrap());
    assert_eq!(**told.borrow_and_update(), expected);
    store.close().await.unwrap();
    drop((store, told));

    let store = backend.open().await;
    assert_eq!(standings(&store), expected);
    resume(&store, 20).await;
    breaker(&store, None, 21).await;
    assert!(standings(&store).is_empty());
}

pub(in crate::store) async fn a_sink_nobody_registered_cannot_be_paused(backend: &impl Backend) {
    let store = opened(backend).await;
    assert!(!store.pause(&sink("nobody"), at(1)).await.unwrap());
    assert!(!store.resume(&sink("nobody"), at(1)).await.unwrap());
    store
        .note_breaker(&sink("nobody"), Some(open(1)), at(1))
        .await
        .unwrap();
    assert!(standings(&store).is_empty());
}

pub(in crate::store) async fn a_paused_sink_goes_on_being_owed_events(backend: &impl Backend) {
    let store = opened(backend).await;
    pause(&store, 1).await;
    append_all(&store, (2..=4).map(|n| about("t", n, &["one"])).collect()).await;
    let stats = store.sink_stats(&sink("one"), at(5)).await.unwrap();
    assert_eq!((stats.pending, stats.waiting), (1, 2));
}

pub(in crate::store) async fn patience_runs_from_the_first_attempt_and_not_while_the_sink_stands_still(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    // Time it stood still before the first attempt is nobody's.
    pause(&store, 1).await;
    resume(&store, 8).await;
    store.append(loose("t", 9, &["one"])).await.unwrap();

    assert_eq!(fails(&store, 20).await, None);
    assert_eq!(fails(&store, 30).await, Some(20));
    pause(&store, 40).await;
    resume(&store, 45).await;
    assert_eq!(fails(&store, 50).await, Some(25));

    // A breaker counts as a pause does, and where both are, the time counts once. A probe is made
    // in the middle of it.
    breaker(&store, open(60), 60).await;
    assert_eq!(fails(&store, 70).await, Some(35));
    pause(&store, 70).await;
    breaker(&store, None, 80).await;
    resume(&store, 90).await;
    assert_eq!(fails(&store, 100).await, Some(55));
}

pub(in crate::store) async fn who_fails_first_as_a_probe_loses_no_patience_until_the_breaker_closes(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(loose("t", 1, &["one"])).await.unwrap();
    breaker(&store, open(10), 10).await;
    assert_eq!(fails(&store, 30).await, None);
    assert_eq!(fails(&store, 80).await, Some(80));
    breaker(&store, None, 100).await;
    assert_eq!(fails(&store, 110).await, Some(100));
    store.close().await.unwrap();
    drop(store);

    let store = backend.open().await;
    assert_eq!(fails(&store, 120).await, Some(100));
}

pub(in crate::store) async fn a_dead_letter_that_is_tried_again_has_its_patience_anew(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(loose("t", 1, &["one"])).await.unwrap();
    pause(&store, 2).await;
    resume(&store, 4).await;
    fails(&store, 10).await;
    pause(&store, 20).await;
    resume(&store, 40).await;
    let lease = claim(&store, "one", 1, 50).await.remove(0);
    settle(&store, &lease, Settlement::Dead("no".to_owned()), 50).await;

    store.retry(lease.delivery, at(60)).await.unwrap();
    assert_eq!(fails(&store, 60).await, None);
    assert_eq!(fails(&store, 70).await, Some(60));
}

pub(in crate::store) async fn what_failures_put_off_is_due_once_the_breaker_closes(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    append_all(&store, (1..=4).map(|n| loose("t", n, &["one"])).collect()).await;
    let leases = claim(&store, "one", 4, 10).await;
    settle(&store, &leases[0], Settlement::Retry(at(900)), 11).await;
    settle(&store, &leases[1], Settlement::Retry(at(90)), 11).await;
    settle(&store, &leases[2], Settlement::Delivered, 11).await;
    breaker(&store, open(12), 12).await;
    assert!(claim(&store, "one", 4, 20).await.is_empty());

    let mut rings = store.committed();
    rings.mark_unchanged();
    breaker(&store, None, 30).await;
    assert!(rings.has_changed().unwrap());
    let due = claim(&store, "one", 4, 30).await;
    let due: Vec<_> = due.iter().map(|lease| lease.delivery).collect();
    assert_eq!(due, [leases[0].delivery, leases[1].delivery]);
    // What is in flight stays in the hands it is in.
    let (last, _) = store.delivery(leases[3].delivery).await.unwrap().unwrap();
    assert_eq!(last.state, DeliveryState::Leased);
    assert!(settle(&store, &leases[3], Settlement::Delivered, 31).await);
}
