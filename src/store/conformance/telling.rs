//! Laws of what is told once: the end of a task, of each turn of a session, and the start that no
//! webhook told.

use std::sync::Arc;

use crate::event::Event;
use crate::event::Origin;
use crate::routing::Lane;
use crate::routing::Owed;
use crate::store::Append;
use crate::store::Appended;
use crate::store::DeliveryFilter;
use crate::store::Registered;
use crate::store::Store;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::deliveries;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::opened;
use crate::store::conformance::stage::sink;
use crate::task::Milestone;
use crate::task::TaskKey;
use crate::task::TaskKind;

/// The names of an id in a body.
const TASK: &str = "task_id";
const RUN: &str = "run_id";
const SESSION: &str = "session_id";

/// A webhook that says in second `seconds` how something stands, owed to one sink.
fn webhook(name: &str, id: &str, status: &str, seconds: i64) -> Append {
    let told = at(seconds);
    said(
        format!(r#"{{"timestamp":"{told}","payload":{{"{name}":"{id}","status":"{status}"}}}}"#),
        id,
        seconds,
    )
}

/// What we would tell after having looked in second `seconds`.
fn found(name: &str, id: &str, status: &str, seconds: i64) -> Append {
    let mut append = said(
        format!(r#"{{"payload":{{"{name}":"{id}","seen":{seconds},"status":"{status}"}}}}"#),
        id,
        seconds,
    );
    append.event.origin = Origin::Reconcile;
    append.event.signature = None;
    append
}

fn said(body: String, id: &str, seconds: i64) -> Append {
    Append {
        event: event(body, seconds),
        owed: vec![Owed {
            sink: sink("one"),
            lane: Some(Lane::of(id)),
            enrich: None,
        }],
    }
}

/// Appends one after the other, and says which of them were told.
async fn told(store: &Arc<dyn Store>, history: Vec<Append>) -> Vec<bool> {
    let mut told = Vec::new();
    for append in history {
        let id = append.event.id;
        let is_stored = matches!(store.append(append).await.unwrap(), Appended::New(_));
        let owing = DeliveryFilter {
            event: Some(id),
            ..DeliveryFilter::default()
        };
        let owes = !deliveries(store, &owing).await.is_empty();
        assert!(is_stored || !owes);
        told.push(owes);
    }
    told
}

async fn stored(store: &Arc<dyn Store>, append: &Append) -> Event {
    store.event(append.event.id).await.unwrap().unwrap().event
}

pub(in crate::store) async fn an_end_is_told_once_whichever_came_first(backend: &impl Backend) {
    let store = opened(backend).await;
    for (name, kind) in [(TASK, "task"), (RUN, "run"), (SESSION, "session")] {
        for (first, second) in [("finished", "finished"), ("stopped", "failed")] {
            let id = format!("{kind}, {first}, {second}, by webhook");
            let history = vec![webhook(name, &id, first, 1), found(name, &id, second, 2)];
            assert_eq!(told(&store, history.clone()).await, [true, false], "{id}");
            let untold = store.event(history[1].event.id).await.unwrap();
            assert!(untold.is_none(), "{id}");

            let id = format!("{kind}, {first}, {second}, by looking");
            let history = vec![found(name, &id, first, 1), webhook(name, &id, second, 2)];
            assert_eq!(told(&store, history.clone()).await, [true, false], "{id}");
            let late = stored(&store, &history[1]).await;
            assert_eq!(late.same_as, Some(history[0].event.id), "{id}");
            assert_eq!(stored(&store, &history[0]).await.same_as, None);
        }
    }
}

pub(in crate::store) async fn two_ends_in_one_turn_are_one_delivery(backend: &impl Backend) {
    let store = opened(backend).await;
    for round in 0..20 {
        let id = format!("t{round}");
        let mut ends: Vec<_> = (0..8)
            .map(|second| webhook(TASK, &id, "finished", second))
            .collect();
        ends.push(found(TASK, &id, "failed", 9));
        append_all(&store, ends).await;

        let owing = DeliveryFilter {
            task_ids: vec![id],
            ..DeliveryFilter::default()
        };
        assert_eq!(deliveries(&store, &owing).await.len(), 1);
    }
}

pub(in crate::store) async fn an_end_stays_told_however_many_were_told_since(
    backend: &impl Backend,
) {
    const TASKS: usize = 700;
    let ends = |status: &str, seconds| -> Vec<_> {
        let end = |n| webhook([TASK, RUN][n % 2], &format!("t{n}"), status, seconds);
        (0..TASKS).map(end).collect()
    };
    let store = opened(backend).await;
    let first = ends("finished", 1);
    append_all(&store, first.clone()).await;
    store.close().await.unwrap();

    // Nothing may depend on what was at hand.
    let store = opened(backend).await;
    let second = ends("failed", 2);
    append_all(&store, second.clone()).await;
    for (first, second) in first.iter().zip(&second) {
        let second = stored(&store, second).await;
        assert_eq!(second.same_as, Some(first.event.id));
    }
    let looked = found(TASK, "t0", "stopped", 3);
    assert_eq!(told(&store, vec![looked]).await, [false]);
    let everything = DeliveryFilter::default();
    assert_eq!(deliveries(&store, &everything).await.len(), TASKS);
}

pub(in crate::store) async fn who_told_an_end_first_is_named_by_all_who_follow(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let ends =
        |id: &str| [("failed", 2), ("stopped", 3)].map(|(word, at)| webhook(TASK, id, word, at));
    for (id, first) in [
        ("by webhook", webhook(TASK, "by webhook", "finished", 1)),
        ("by looking", found(TASK, "by looking", "finished", 1)),
    ] {
        store.append(first.clone()).await.unwrap();
        // A first look at an API that was not asked before.
        let seen = Registered {
            key: TaskKey {
                kind: TaskKind::Task,
                id: id.into(),
            },
            milestone: Milestone::End,
            at: at(1),
        };
        store.register(&[seen]).await.unwrap();
        for end in ends(id) {
            assert_eq!(told(&store, vec![end.clone()]).await, [false], "{id}");
            assert_eq!(
                stored(&store, &end).await.same_as,
                Some(first.event.id),
                "{id}"
            );
        }
    }
}

pub(in crate::store) async fn an_end_that_comes_again_is_itself(backend: &impl Backend) {
    let store = opened(backend).await;
    let end = webhook(TASK, "t", "finished", 1);
    append_all(&store, vec![end.clone(); 5]).await;
    store.append(end.clone()).await.unwrap();

    assert_eq!(stored(&store, &end).await.same_as, None);
    assert_eq!(stored(&store, &end).await.times_received, 6);
    let everything = DeliveryFilter::default();
    assert_eq!(deliveries(&store, &everything).await.len(), 1);
}

pub(in crate::store) async fn what_goes_on_is_told_as_often_as_it_is_said(backend: &impl Backend) {
    let store = opened(backend).await;
    let history = vec![
        webhook(TASK, "t", "started", 1),
        webhook(TASK, "t", "paused", 2),
        webhook(TASK, "t", "started", 3),
        webhook(TASK, "t", "idle", 4),
        webhook(TASK, "t", "idle", 5),
        webhook(TASK, "t", "finished", 6),
        // Late, and still what a webhook said.
        webhook(TASK, "t", "started", 5),
    ];
    assert_eq!(told(&store, history).await, [true; 7]);
}

pub(in crate::store) async fn what_was_registered_is_told_by_a_webhook_alone(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let seen = |id: &str, milestone| Registered {
        key: TaskKey {
            kind: TaskKind::Task,
            id: id.into(),
        },
        milestone,
        at: at(1),
    };
    let first_look = [
        seen("ended", Milestone::End),
        seen("goes on", Milestone::Start),
    ];
    store.register(&first_look).await.unwrap();
    store.register(&first_look).await.unwrap();

    let history = vec![
        found(TASK, "ended", "finished", 2),
        webhook(TASK, "ended", "finished", 3),
        webhook(TASK, "ended", "stopped", 4),
        found(TASK, "ended", "finished", 5),
        found(TASK, "goes on", "started", 2),
        found(TASK, "goes on", "finished", 3),
    ];
    let told = told(&store, history).await;
    assert_eq!(told, [false, true, false, false, false, true]);
}

pub(in crate::store) async fn we_tell_of_a_start_only_what_nobody_heard_of(backend: &impl Backend) {
    let store = opened(backend).await;
    let history = vec![
        found(TASK, "new", "started", 1),
        found(TASK, "new", "started", 2),
        webhook(TASK, "new", "started", 3),
        webhook(TASK, "known", "paused", 1),
        found(TASK, "known", "started", 2),
        found(TASK, "over", "finished", 1),
        found(TASK, "over", "started", 2),
    ];
    let told = told(&store, history).await;
    assert_eq!(told, [true, false, true, true, false, true, false]);
}

pub(in crate::store) async fn a_session_ends_once_a_turn(backend: &impl Backend) {
    let store = opened(backend).await;
    let history = vec![
        webhook(SESSION, "s", "running", 1),
        webhook(SESSION, "s", "idle", 2),
        found(SESSION, "s", "idle", 3),
        webhook(SESSION, "s", "running", 4),
        found(SESSION, "s", "idle", 6),
        // Of the turn that was told by looking.
        webhook(SESSION, "s", "idle", 5),
        // Of a turn whose start nobody told.
        webhook(SESSION, "s", "idle", 8),
        found(SESSION, "s", "stopped", 9),
        webhook(SESSION, "s", "stopped", 9),
    ];
    let told = told(&store, history).await;
    assert_eq!(
        told,
        [true, true, false, true, true, false, true, true, false]
    );
}

pub(in crate::store) async fn a_look_is_remembered_once_it_was_carried_through(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    assert_eq!(store.last_look("v2").await.unwrap(), None);
    store.looked("v2", at(5)).await.unwrap();
    store.looked("v2", at(3)).await.unwrap();
    assert_eq!(store.last_look("v2").await.unwrap(), Some(at(5)));
    assert_eq!(store.last_look("v1").await.unwrap(), None);
}
