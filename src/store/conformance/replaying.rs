//! Laws of replays.

use std::sync::Arc;

use crate::delivery::Delivery;
use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::replay::ReplayId;
use crate::replay::ReplayState;
use crate::store::DeliveryFilter;
use crate::store::EventFilter;
use crate::store::NewReplay;
use crate::store::Part;
use crate::store::Portion;
use crate::store::Replay;
use crate::store::Selection;
use crate::store::Store;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::cut_off;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;

/// A store with events 1 to `count`, which are owed to nobody.
pub(super) async fn stocked(backend: &impl Backend, count: i64) -> Arc<dyn Store> {
    let store = opened(backend).await;
    append_all(&store, (1..=count).map(|n| about("t", n, &[])).collect()).await;
    store
}

pub(super) fn selection() -> Selection {
    Selection::Events(EventFilter {
        task_ids: vec!["t".to_owned()],
        since: Some(at(0)),
        ..EventFilter::default()
    })
}

pub(super) async fn begin(
    store: &Arc<dyn Store>,
    selection: Selection,
    sinks: &[&str],
    through: i64,
) -> ReplayId {
    let new = NewReplay {
        selection,
        sinks: sinks.iter().map(|name| sink(name)).collect(),
        matched: through.unsigned_abs(),
        behind: 0,
        through,
    };
    store.begin_replay(new, at(200)).await.unwrap().id
}

pub(super) async fn find(store: &Arc<dyn Store>, id: ReplayId) -> Replay {
    store.find_replay(id).await.unwrap().unwrap()
}

/// How a replay stands at the sink `one`.
pub(super) async fn part(store: &Arc<dyn Store>, id: ReplayId) -> Part {
    let mut parts = find(store, id).await.parts;
    parts.retain(|part| part.sink == sink("one"));
    parts.remove(0)
}

/// All numbers from one to another, for the sink `one`.
pub(super) fn portion(replay: ReplayId, from: i64, to: i64) -> Portion {
    Portion {
        replay,
        sink: sink("one"),
        from,
        to,
        owe: (from + 1..=to).collect(),
    }
}

pub(super) async fn all(store: &Arc<dyn Store>) -> Vec<Delivery> {
    deliveries(store, &DeliveryFilter::default()).await
}

pub(in crate::store) async fn a_portion_is_owed_once_whoever_owes_it(backend: &impl Backend) {
    let store = stocked(backend, 9).await;
    let id = begin(&store, selection(), &["one", "two"], 9).await;
    assert!(all(&store).await.is_empty(), "nothing is owed beforehand");

    let at_once = (0..4).map(|_| store.advance_replay(portion(id, 0, 5), at(201)));
    let owed = futures_util::future::join_all(at_once).await;
    let owed: Vec<u64> = owed.into_iter().map(Result::unwrap).collect();
    assert_eq!(owed.iter().sum::<u64>(), 5, "{owed:?}");
    // One who read how far it had come before somebody else moved it.
    assert_eq!(
        store
            .advance_replay(portion(id, 3, 9), at(201))
            .await
            .unwrap(),
        0
    );

    let part = part(&store, id).await;
    assert_eq!((part.reached, part.owed, part.pending), (5, 5, 5));
    let two = &find(&store, id).await.parts[1];
    assert_eq!(
        (two.reached, two.owed),
        (0, 0),
        "each sink goes at its own pace"
    );
    let all = all(&store).await;
    assert_eq!(all.len(), 5);
    for delivery in all {
        assert!(delivery.replay);
        assert_eq!(delivery.state, DeliveryState::Pending);
        assert_eq!(delivery.created_at, at(201));
    }
}

pub(in crate::store) async fn a_portion_cut_off_anywhere_is_owed_whole_or_not_at_all(
    backend: &impl Backend,
) {
    let mut store = stocked(backend, 120).await;
    let id = begin(&store, selection(), &["one"], 120).await;
    for polls in 0..40 {
        let from = part(&store, id).await.reached;
        cut_off(
            store.advance_replay(portion(id, from, from + 2), at(201)),
            polls,
        )
        .await;
        // At once, while what was cut off may still be on its way.
        let next = portion(id, from, from + 1);
        store.advance_replay(next, at(202)).await.unwrap();
        let part = part(&store, id).await;
        assert_eq!(
            part.owed,
            part.reached.unsigned_abs(),
            "cut off after {polls}"
        );
        if polls % 7 == 6 {
            // As a process does that begins after another was killed.
            store.close().await.unwrap();
            store = backend.open().await;
        }
    }
    let from = part(&store, id).await.reached;
    assert!(from < 120, "nothing was left to owe");
    store
        .advance_replay(portion(id, from, 120), at(203))
        .await
        .unwrap();

    let owed = all(&store).await;
    assert_eq!(owed.len(), 120);
    let mut events: Vec<_> = owed.iter().map(|delivery| delivery.event_id).collect();
    events.sort_unstable();
    events.dedup();
    assert_eq!(events.len(), 120, "an event is owed twice");
}

pub(in crate::store) async fn a_replay_is_done_when_the_last_of_it_is_settled(
    backend: &impl Backend,
) {
    let store = stocked(backend, 4).await;
    let id = begin(&store, selection(), &["one"], 4).await;
    store
        .advance_replay(portion(id, 0, 3), at(201))
        .await
        .unwrap();
    let leases = claim(&store, "one", 9, 202).await;
    settle(&store, &leases[0], Settlement::Delivered, 203).await;
    settle(&store, &leases[1], Settlement::Dead("no".to_owned()), 203).await;
    settle(&store, &leases[2], Settlement::Retry(at(210)), 203).await;

    let stands = part(&store, id).await;
    assert_eq!((stands.delivered, stands.dead, stands.pending), (1, 1, 1));
    store
        .advance_replay(portion(id, 3, 4), at(204))
        .await
        .unwrap();
    assert_eq!(part(&store, id).await.owed, 4);
    for lease in claim(&store, "one", 9, 210).await {
        settle(&store, &lease, Settlement::Delivered, 211).await;
    }
    assert_eq!(find(&store, id).await.state, ReplayState::Running);
    assert_eq!(store.unfinished_replays().await.unwrap().len(), 1);

    store
        .advance_replay(portion(id, 4, 4), at(212))
        .await
        .unwrap();
    let done = find(&store, id).await;
    assert_eq!(
        (done.state, done.finished_at),
        (ReplayState::Done, Some(at(212)))
    );
    let stands = part(&store, id).await;
    assert_eq!((stands.delivered, stands.dead, stands.pending), (3, 1, 0));
    assert!(store.unfinished_replays().await.unwrap().is_empty());
    let cancelled = store.cancel_replay(id, at(213)).await.unwrap();
    assert_eq!(cancelled, Some(done), "what is done stays done");
}

pub(in crate::store) async fn a_replay_that_is_cancelled_owes_nothing_more(backend: &impl Backend) {
    let store = stocked(backend, 9).await;
    let id = begin(&store, selection(), &["one", "two"], 9).await;
    store
        .advance_replay(portion(id, 0, 4), at(201))
        .await
        .unwrap();
    let leases = claim(&store, "one", 2, 202).await;

    let cancelled = store.cancel_replay(id, at(203)).await.unwrap().unwrap();
    assert_eq!(cancelled.state, ReplayState::Cancelled);
    assert_eq!(cancelled.finished_at, None, "two are being tried");
    let stands = part(&store, id).await;
    assert_eq!((stands.pending, stands.discarded), (2, 2));
    let all = all(&store).await;
    assert_eq!(all[3].reason.as_deref(), Some("replay cancelled"));
    assert_eq!(
        store
            .advance_replay(portion(id, 4, 9), at(203))
            .await
            .unwrap(),
        0
    );
    assert_eq!(part(&store, id).await.reached, 4);

    assert!(settle(&store, &leases[0], Settlement::Delivered, 204).await);
    assert!(settle(&store, &leases[1], Settlement::Retry(at(300)), 204).await);
    let ended = store.cancel_replay(id, at(205)).await.unwrap().unwrap();
    assert_eq!(
        (ended.state, ended.finished_at),
        (ReplayState::Cancelled, Some(at(205)))
    );
    let stands = part(&store, id).await;
    assert_eq!(
        (stands.delivered, stands.discarded, stands.pending),
        (1, 3, 0)
    );
    assert!(claim(&store, "one", 9, 1000).await.is_empty());
}

pub(in crate::store) async fn what_is_owed_once_more_goes_behind_what_was_due_before(
    backend: &impl Backend,
) {
    let store = stocked(backend, 3).await;
    append_all(
        &store,
        (10..=14).map(|n| loose("live", n, &["one"])).collect(),
    )
    .await;
    let id = begin(&store, selection(), &["one"], 3).await;
    store
        .advance_replay(portion(id, 0, 3), at(201))
        .await
        .unwrap();

    let first = claim(&store, "one", 5, 300).await;
    assert!(first.iter().all(|lease| !lease.replay), "{first:?}");
    assert_eq!(claim(&store, "one", 5, 300).await.len(), 3);
}

pub(in crate::store) async fn a_sink_tells_what_it_is_owed_by_replays(backend: &impl Backend) {
    let store = stocked(backend, 4).await;
    store.append(loose("live", 5, &["one"])).await.unwrap();
    assert!(store.replay_debts(at(200)).await.unwrap().is_empty());
    let id = begin(&store, selection(), &["one"], 4).await;
    store
        .advance_replay(portion(id, 0, 4), at(201))
        .await
        .unwrap();
    let debts = async |seconds| {
        let debts = store.replay_debts(at(seconds)).await.unwrap();
        assert!(debts.len() <= 1, "two is owed nothing");
        debts.first().map(|debts| (debts.open, debts.due))
    };
    assert_eq!(debts(201).await, Some((4, 4)));

    let leases = claim(&store, "one", 5, 202).await;
    assert_eq!(debts(202).await, Some((4, 4)), "what is tried is in hand");
    settle(&store, &leases[1], Settlement::Retry(at(300)), 203).await;
    settle(&store, &leases[2], Settlement::Delivered, 203).await;
    assert_eq!(debts(203).await, Some((3, 2)));
    assert_eq!(debts(300).await, Some((3, 3)));
}
