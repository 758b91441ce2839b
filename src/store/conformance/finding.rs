//! Laws of how tasks are found, and what is about them.

use std::sync::Arc;

use crate::store::Append;
use crate::store::Order;
use crate::store::Slice;
use crate::store::Store;
use crate::store::TaskFilter;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::append_all;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::opened;
use crate::store::conformance::tasks::follow;
use crate::store::conformance::tasks::says;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TaskState;

async fn state(store: &Arc<dyn Store>, name: &str) -> Option<String> {
    let task = store.task(name).await.unwrap()?;
    task.projection.state().map(|state| state.to_string())
}

pub(in crate::store) async fn any_of_its_ids_finds_a_task(backend: &impl Backend) {
    let store = opened(backend).await;
    let run = r#"{"payload":{"run_id":"r","session_id":"s","status":"running"}}"#;
    let session = r#"{"payload":{"session_id":"alone","status":"idle"}}"#;
    for append in [
        says("s", "t1", 1, "finished"),
        says("s", "t2", 2, "started"),
        says("t1", "t3", 3, "paused"),
    ] {
        store.append(append).await.unwrap();
    }
    for (body, seconds) in [(run, 4), (session, 5)] {
        let event = event(body, seconds);
        let owed = Vec::new();
        store.append(Append { event, owed }).await.unwrap();
    }
    follow(&store).await;

    // Its own id finds a task, although it is another's session.
    assert_eq!(state(&store, "t1").await.as_deref(), Some("finished"));
    assert_eq!(state(&store, "t3").await.as_deref(), Some("paused"));
    // Of those in a session the newest is meant.
    assert_eq!(state(&store, "s").await.as_deref(), Some("running"));
    let found = store.task("s").await.unwrap().unwrap();
    assert_eq!((found.key.kind, &*found.key.id), (TaskKind::Run, "r"));
    assert_eq!(found.names().collect::<Vec<_>>(), ["r", "s"]);
    assert_eq!(state(&store, "alone").await.as_deref(), Some("idle"));
    assert!(store.task("nobody").await.unwrap().is_none());
    assert!(store.task("").await.unwrap().is_none());
}

pub(in crate::store) async fn tasks_are_found_by_state_session_and_metadata(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let words = ["started", "running", "finished", "completed", "odd"];
    for n in 0..15 {
        let word = words[usize::try_from(n).unwrap() % words.len()];
        let session = if n < 10 { "early" } else { "late" };
        let mut said = says(session, &format!("t{n:02}"), n, word);
        said.event.received_at = at(n);
        store.append(said).await.unwrap();
    }
    follow(&store).await;

    let count_of = async |filter: TaskFilter| {
        let mut found = Vec::new();
        let mut slice = Slice {
            order: Order::Descending,
            after: None,
            limit: 2,
        };
        loop {
            let page = store.tasks(&filter, slice).await.unwrap();
            found.extend(page.items.into_iter().map(|task| task.key.id));
            slice.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
        found.len()
    };
    let filter = |states: &[&str], session: &str, team: &str| {
        let some = |text: &str| match text {
            "" => Vec::new(),
            text => vec![text.to_owned()],
        };
        TaskFilter {
            states: states.iter().map(|word| TaskState::of(word)).collect(),
            session_ids: some(session),
            metadata: some(team)
                .into_iter()
                .map(|team| ("team".to_owned(), vec![team]))
                .collect(),
            ..TaskFilter::default()
        }
    };
    let count = async |states: &[&str], session: &str, team: &str| {
        count_of(filter(states, session, team)).await
    };
    assert_eq!(count(&[], "", "").await, 15);
    assert_eq!(count(&["finished"], "", "").await, 6);
    assert_eq!(count(&["finished", "running"], "", "").await, 12);
    assert_eq!(count(&["odd"], "", "").await, 3);
    assert_eq!(count(&["odder"], "", "").await, 0);
    assert_eq!(count(&[], "late", "").await, 5);
    assert_eq!(count(&["finished"], "late", "of late").await, 2);
    assert_eq!(count(&[], "early", "of late").await, 0);

    let ended = async |ended, states: &[&str], session: &str| {
        count_of(TaskFilter {
            ended: Some(ended),
            ..filter(states, session, "")
        })
        .await
    };
    assert_eq!(ended(true, &[], "").await, 6);
    assert_eq!(ended(false, &[], "").await, 9);
    assert_eq!(ended(false, &[], "late").await, 3);
    assert_eq!(ended(true, &["finished", "odd"], "").await, 6);
    assert_eq!(ended(false, &["finished"], "").await, 0);
    assert_eq!(ended(true, &["odd"], "late").await, 0);

    let heard_of = async |since: Option<i64>, until: Option<i64>| {
        count_of(TaskFilter {
            since: since.map(at),
            until: until.map(at),
            ..TaskFilter::default()
        })
        .await
    };
    assert_eq!(heard_of(Some(3), None).await, 12);
    assert_eq!(heard_of(None, Some(3)).await, 3);
    assert_eq!(heard_of(Some(3), Some(5)).await, 2);

    // A task that goes on is found where it stands now.
    store
        .append(says("late", "t14", 99, "finished"))
        .await
        .unwrap();
    follow(&store).await;
    assert_eq!(count(&["odd"], "", "").await, 2);
    assert_eq!(count(&["finished"], "", "").await, 7);
}

pub(in crate::store) async fn the_newest_events_about_a_task_are_found_as_soon_as_they_are_stored(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let told = [("a", 1), ("b", 2), ("a", 3), ("a", 4)];
    let appends = told.map(|(task, second)| says("s", task, second, "running"));
    append_all(&store, appends.to_vec()).await;
    let about = async |kind, id: &str, limit| {
        let key = TaskKey {
            kind,
            id: id.into(),
        };
        let events = store.events_about(&key, limit).await.unwrap();
        events.iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(about(TaskKind::Task, "a", 9).await, [4, 3, 1]);
    assert_eq!(about(TaskKind::Task, "a", 2).await, [4, 3]);
    // They name the session, and are about its tasks.
    assert_eq!(about(TaskKind::Session, "s", 9).await, [0; 0]);
}
