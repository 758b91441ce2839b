//! Laws of dead letters that are owed again by a replay.

use std::sync::Arc;

use crate::delivery::DeliveryState;
use crate::delivery::Settlement;
use crate::replay::ReplayState;
use crate::store::DeliveryFilter;
use crate::store::Portion;
use crate::store::Selection;
use crate::store::Store;
use crate::store::conformance::replaying::all;
use crate::store::conformance::replaying::begin;
use crate::store::conformance::replaying::find;
use crate::store::conformance::replaying::part;
use crate::store::conformance::replaying::portion;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::loose;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;

/// A store in which the sink `one` refused deliveries 1 to `count`.
async fn refused(backend: &impl Backend, count: i64) -> Arc<dyn Store> {
    let store = opened(backend).await;
    append_all(
        &store,
        (1..=count).map(|n| loose("t", n, &["one"])).collect(),
    )
    .await;
    for lease in claim(&store, "one", 100, 100).await {
        settle(&store, &lease, Settlement::Dead("no".to_owned()), 101).await;
    }
    store
}

pub(in crate::store) async fn dead_letters_are_owed_again_with_all_their_time(
    backend: &impl Backend,
) {
    let store = refused(backend, 6).await;
    let letters = all(&store).await;
    let dead = Selection::Deliveries(DeliveryFilter {
        states: vec![DeliveryState::Dead],
        ..DeliveryFilter::default()
    });
    let id = begin(&store, dead, &["one"], letters[4].id.row()).await;
    // One was owed again by hand, and one died only after the replay had begun.
    store.retry(letters[0].id, at(201)).await.unwrap();
    store.retry(letters[1].id, at(201)).await.unwrap();
    let leases = claim(&store, "one", 1, 202).await;
    settle(&store, &leases[0], Settlement::Dead("no".to_owned()), 203).await;

    let some = Portion {
        owe: letters[..5].iter().map(|letter| letter.id.row()).collect(),
        ..portion(id, 0, letters[4].id.row())
    };
    assert_eq!(store.advance_replay(some, at(204)).await.unwrap(), 3);
    assert_eq!(part(&store, id).await.owed, 3);
    let again = claim(&store, "one", 9, 205).await;
    assert_eq!(again.len(), 4, "three of ours, and one by hand");
    for lease in &again {
        assert_eq!((lease.attempts, lease.patience_since), (1, None));
        assert!(!lease.replay, "it is the same delivery as ever");
        settle(&store, lease, Settlement::Delivered, 206).await;
    }
    let end = letters[4].id.row();
    store
        .advance_replay(portion(id, end, end), at(207))
        .await
        .unwrap();
    assert_eq!(find(&store, id).await.state, ReplayState::Done);
    assert_eq!(part(&store, id).await.delivered, 3);
}

pub(in crate::store) async fn a_dead_letter_whose_retry_is_cancelled_is_one_again(
    backend: &impl Backend,
) {
    let store = refused(backend, 2).await;
    let letters = all(&store).await;
    let id = begin(
        &store,
        Selection::Deliveries(DeliveryFilter::default()),
        &["one"],
        9,
    )
    .await;
    let both = Portion {
        owe: letters.iter().map(|letter| letter.id.row()).collect(),
        ..portion(id, 0, 9)
    };
    assert_eq!(store.advance_replay(both, at(201)).await.unwrap(), 2);

    let cancelled = store.cancel_replay(id, at(202)).await.unwrap().unwrap();
    assert_eq!(cancelled.finished_at, Some(at(202)));
    assert_eq!(part(&store, id).await.dead, 2);
    for letter in all(&store).await {
        assert_eq!(letter.state, DeliveryState::Dead);
        assert_eq!(letter.reason.as_deref(), Some("retry cancelled"));
        assert_eq!(letter.attempts, 1);
    }
}

pub(in crate::store) async fn a_dead_letter_counts_for_each_replay_that_owed_it(
    backend: &impl Backend,
) {
    let store = refused(backend, 1).await;
    let letter = all(&store).await[0].id.row();
    let everything = || Selection::Deliveries(DeliveryFilter::default());
    let owed = |id| Portion {
        owe: vec![letter],
        ..portion(id, 0, letter)
    };
    let first = begin(&store, everything(), &["one"], letter).await;
    store.advance_replay(owed(first), at(201)).await.unwrap();
    let lease = claim(&store, "one", 1, 202).await.remove(0);
    // It dies again before the second begins, and nobody has counted it by then.
    settle(&store, &lease, Settlement::Dead("no".to_owned()), 199).await;
    let second = begin(&store, everything(), &["one"], letter).await;
    assert_eq!(
        store.advance_replay(owed(second), at(203)).await.unwrap(),
        1
    );

    let first = part(&store, first).await;
    assert_eq!((first.dead, first.pending), (1, 0));
    let second = part(&store, second).await;
    assert_eq!((second.dead, second.pending), (0, 1));
}
