//! Laws of what is looked up before an event is sent.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::value::to_raw_value;

use crate::delivery::DeliveryState;
use crate::delivery::Lease;
use crate::delivery::Settlement;
use crate::store::Append;
use crate::store::Changed;
use crate::store::DeliveryFilter;
use crate::store::Store;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::about;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::claim;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::settle;
use crate::store::conformance::stage::sink;
use crate::task::Enrichment;

/// How long a look-up may take here.
const WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// The same, wanted with its task by the first of the sinks it is owed to.
fn enriched(mut append: Append) -> Append {
    append.owed[0].enrich = Some(WITHIN);
    append
}

fn known(text: &str) -> Enrichment {
    Enrichment::known(to_raw_value(text).unwrap().into())
}

/// What a lease says is sent of the task: the JSON, or why there is none.
fn sent(lease: &Lease) -> Option<&str> {
    let enrichment = lease.enrichment.as_ref()?;
    let task = enrichment.task.as_ref().map(|task| task.get());
    task.or(enrichment.task_unavailable.as_deref())
}

/// The numbers of the events whose tasks are asked for.
async fn open(store: &Arc<dyn Store>) -> Vec<i64> {
    let open = store.open_enrichments(100).await.unwrap();
    open.iter().map(|one| one.event.seq).collect()
}

pub(in crate::store) async fn who_wants_the_task_waits_for_it_and_nobody_else_does(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let append = enriched(about("t", 1, &["one", "two"]));
    store.append(append.clone()).await.unwrap();
    assert!(store.append(append).await.unwrap().is_known());
    store.append(about("u", 2, &["one"])).await.unwrap();
    let [open] = &store.open_enrichments(9).await.unwrap()[..] else {
        panic!("one is asked for");
    };
    assert_eq!((open.event.seq, open.until), (1, at(61)));

    let others = claim(&store, "two", 9, 5).await;
    assert_eq!(others.iter().map(sent).collect::<Vec<_>>(), [None]);
    let others = claim(&store, "one", 9, 5).await;
    assert_eq!(
        others.iter().map(|one| one.event.seq).collect::<Vec<_>>(),
        [2]
    );
    let due = store.next_due(&[sink("one")]).await.unwrap();
    assert_eq!(due, Some(at(61)));

    let mut ringing = store.committed();
    ringing.mark_unchanged();
    store.note_enrichment(1, known("soon")).await.unwrap();
    assert!(claim(&store, "one", 9, 6).await.is_empty());
    store
        .decide_enrichment(1, known("all"), at(7))
        .await
        .unwrap();
    assert!(ringing.has_changed().unwrap());
    let leases = claim(&store, "one", 9, 7).await;
    assert_eq!(
        leases.iter().map(sent).collect::<Vec<_>>(),
        [Some("\"all\"")]
    );
    assert_eq!(leases[0].attempts, 0);
}

pub(in crate::store) async fn past_its_time_the_best_that_is_known_is_sent_and_stays(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    for (task, n) in [("t", 1), ("u", 2)] {
        store
            .append(enriched(about(task, n, &["one"])))
            .await
            .unwrap();
    }
    let down = Enrichment::unavailable("it is down");
    store.note_enrichment(1, down).await.unwrap();
    drop(store);
    let store = opened(backend).await;
    assert_eq!(open(&store).await, [1, 2]);

    let leases = claim(&store, "one", 9, 62).await;
    let told = [
        Some("it is down"),
        Some("nobody had told of the task in time"),
    ];
    assert_eq!(leases.iter().map(sent).collect::<Vec<_>>(), told);
    assert!(open(&store).await.is_empty());

    // Whoever knows better now comes too late, for the next try and for a replay.
    for seq in [1, 2] {
        store.note_enrichment(seq, known("late")).await.unwrap();
        store
            .decide_enrichment(seq, known("late"), at(63))
            .await
            .unwrap();
    }
    settle(&store, &leases[0], Settlement::Retry(at(90)), 64).await;
    let id = leases[0].event.id;
    let replayed = store.replay(id, &[sink("one"), sink("two")], at(70)).await;
    assert_eq!(replayed.unwrap().unwrap().len(), 2);
    let mut again = claim(&store, "one", 9, 90).await;
    again.retain(|lease| lease.event.seq == 1);
    assert_eq!(again.iter().map(sent).collect::<Vec<_>>(), [told[0]; 2]);
    let unasked = claim(&store, "two", 9, 90).await;
    assert_eq!(unasked.iter().map(sent).collect::<Vec<_>>(), [None]);
}

pub(in crate::store) async fn what_comes_to_the_head_of_its_lane_waits_for_its_own_look_up(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    store
        .append(enriched(about("t", 2, &["one"])))
        .await
        .unwrap();
    store.append(about("t", 3, &["one"])).await.unwrap();
    let first = claim(&store, "one", 9, 10).await.remove(0);
    assert!(settle(&store, &first, Settlement::Delivered, 11).await);
    assert!(claim(&store, "one", 9, 20).await.is_empty());
    assert_eq!(store.next_due(&[sink("one")]).await.unwrap(), Some(at(62)));
    assert_eq!(store.sweep(at(21)).await.unwrap(), 0);

    // Nobody overtakes the look-up by hand, either.
    let waiting = DeliveryFilter {
        states: vec![DeliveryState::Pending],
        ..DeliveryFilter::default()
    };
    let second = deliveries(&store, &waiting).await.remove(0);
    let Changed::Done(second) = store.retry(second.id, at(22)).await.unwrap() else {
        panic!("it can be tried again");
    };
    assert_eq!(second.next_attempt_at, Some(at(62)));

    store
        .decide_enrichment(2, known("all"), at(30))
        .await
        .unwrap();
    for seq in [2, 3] {
        let leases = claim(&store, "one", 9, 30).await;
        assert_eq!(
            leases.iter().map(|one| one.event.seq).collect::<Vec<_>>(),
            [seq]
        );
        settle(&store, &leases[0], Settlement::Delivered, 30).await;
    }
}

pub(in crate::store) async fn a_look_up_that_is_done_before_the_lane_is_free_delays_nobody(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    store.append(about("t", 1, &["one"])).await.unwrap();
    store
        .append(enriched(about("t", 2, &["one"])))
        .await
        .unwrap();
    store
        .decide_enrichment(2, known("all"), at(3))
        .await
        .unwrap();
    let first = claim(&store, "one", 9, 10).await;
    assert_eq!(first.len(), 1, "the second waits for its turn");
    settle(&store, &first[0], Settlement::Delivered, 11).await;
    let second = claim(&store, "one", 9, 11).await;
    assert_eq!(
        second.iter().map(sent).collect::<Vec<_>>(),
        [Some("\"all\"")]
    );
}

pub(in crate::store) async fn an_end_that_was_told_before_is_not_looked_up(backend: &impl Backend) {
    let store = opened(backend).await;
    for (n, word) in [(1, "finished"), (2, "stopped")] {
        let body = format!(r#"{{"payload":{{"task_id":"t","status":"{word}"}}}}"#);
        let append = Append {
            event: event(body, n),
            ..enriched(about("t", n, &["one"]))
        };
        store.append(append).await.unwrap();
    }
    assert_eq!(open(&store).await, [1]);
}

pub(in crate::store) async fn what_is_sent_with_an_event_can_be_looked_at(backend: &impl Backend) {
    let store = opened(backend).await;
    let append = enriched(about("t", 1, &["one"]));
    store.append(append).await.unwrap();
    store.append(about("u", 2, &["one"])).await.unwrap();
    let seen = async |seq| {
        let sent = store.sent_with(seq).await.unwrap()?;
        let Enrichment {
            task,
            task_unavailable,
        } = sent.enrichment;
        let task = task.map(|task| task.get().to_owned());
        Some((task, task_unavailable.is_some(), sent.is_decided))
    };
    let text = |text: &str| Some(format!("{text:?}"));

    assert_eq!(seen(1).await, Some((None, true, false)));
    assert_eq!(seen(2).await, None, "nobody wants the task with it");
    assert_eq!(seen(3).await, None, "there is no such event");
    store.note_enrichment(1, known("soon")).await.unwrap();
    assert_eq!(seen(1).await, Some((text("soon"), false, false)));
    store
        .decide_enrichment(1, known("all"), at(7))
        .await
        .unwrap();
    assert_eq!(seen(1).await, Some((text("all"), false, true)));
}
