//! Laws of what is kept of the files of ended tasks.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::store::Append;
use crate::store::Captured;
use crate::store::Content;
use crate::store::Fate;
use crate::store::OpenCapture;
use crate::store::Store;
use crate::store::TaskFile;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::event;
use crate::store::conformance::stage::opened;
use crate::store::conformance::tasks::follow;
use crate::task::FileKind;

/// How long after its end a task's files are due here.
const AFTER: SignedDuration = SignedDuration::from_secs(120);

/// A webhook that says how a task stands, received in that second.
fn says(task: &str, seconds: i64, status: &str) -> Append {
    let told = at(seconds);
    let body =
        format!(r#"{{"timestamp":"{told}","payload":{{"task_id":"{task}","status":"{status}"}}}}"#);
    Append {
        event: event(body, seconds),
        owed: Vec::new(),
    }
}

/// Appends, and has it observed.
async fn hears(store: &Arc<dyn Store>, said: &[(&str, i64, &str)]) {
    for (task, seconds, status) in said {
        store.append(says(task, *seconds, status)).await.unwrap();
    }
    follow(store).await;
}

/// Notes all ends that we learned of from that second on, a few events a step.
async fn note(store: &Arc<dyn Store>, since: i64) {
    while !store.note_ends(at(since), AFTER, 2).await.unwrap() {}
}

/// The tasks that are open, by their ids, with the seconds in which they are due.
async fn open(store: &Arc<dyn Store>) -> Vec<(String, i64)> {
    let told = |one: OpenCapture| {
        let due_in = one.due_at.duration_since(at(0)).as_secs();
        (one.key.id.into(), due_in)
    };
    let open = store.open_captures(100).await.unwrap();
    open.into_iter().map(told).collect()
}

fn file(kind: FileKind, number: u32, fate: Fate) -> TaskFile {
    TaskFile {
        kind,
        number,
        vendor_id: format!("id {number} \0 ä").into(),
        name: "../a \0 name".into(),
        content_type: (number == 1).then(|| "text/csv".into()),
        at: at(200),
        fate,
    }
}

fn kept(path: &str, size: u64) -> Fate {
    Fate::Kept(Content {
        path: path.into(),
        size,
        sha256: [7; 32],
    })
}

pub(in crate::store) async fn a_task_that_ended_is_noted_once_and_due_a_while_later(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let said = [
        ("a", 1, "started"),
        ("b", 2, "started"),
        ("a", 10, "finished"),
        ("c", 11, "failed"),
        ("d", 12, "paused"),
        ("a", 13, "stopped"),
        ("e", 14, "brand new"),
    ];
    hears(&store, &said).await;
    note(&store, 0).await;
    let expected = [("a".to_owned(), 130), ("c".to_owned(), 131)];
    assert_eq!(open(&store).await, expected);
    let first = &store.open_captures(1).await.unwrap()[..];
    assert_eq!((first[0].ended_at, first[0].failures), (at(10), 0));
    assert_eq!(first.len(), 1);
}

pub(in crate::store) async fn ends_are_read_on_from_where_the_last_step_ended(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    hears(&store, &[("old", 1, "finished"), ("a", 100, "finished")]).await;
    // What was not observed yet is left for later.
    let late = says("b", 101, "finished");
    store.append(late).await.unwrap();
    note(&store, 50).await;
    assert_eq!(open(&store).await, [("a".to_owned(), 220)]);
    let task = store.open_captures(1).await.unwrap()[0].task;
    store.settle_capture(task, Captured::All).await.unwrap();
    store.close().await.unwrap();

    let store = opened(backend).await;
    hears(&store, &[("c", 102, "stopped")]).await;
    note(&store, 0).await;
    let expected = [("b".to_owned(), 221), ("c".to_owned(), 222)];
    assert_eq!(open(&store).await, expected);
    // Nobody looked for so long that the vendor has forgotten.
    hears(&store, &[("d", 103, "stopped"), ("e", 900, "stopped")]).await;
    note(&store, 500).await;
    assert_eq!(open(&store).await.last(), Some(&("e".to_owned(), 1020)));
    assert_eq!(open(&store).await.len(), 3);
}

pub(in crate::store) async fn what_becomes_of_files_is_kept(backend: &impl Backend) {
    let store = opened(backend).await;
    hears(&store, &[("a", 1, "finished"), ("b", 2, "finished")]).await;
    note(&store, 0).await;
    let [a, b] = &store.open_captures(9).await.unwrap()[..] else {
        panic!("two have ended");
    };
    assert_eq!(store.capture(99).await.unwrap(), None);
    let files = [
        file(FileKind::Output, 1, kept("x/1", 5)),
        file(FileKind::Output, 2, Fate::Skipped("too large".into())),
        file(FileKind::Screenshot, 1, kept("x/2", 0)),
    ];
    for file in files.iter().rev() {
        store.decide_file(a.task, file.clone()).await.unwrap();
    }
    let known = store.capture(a.task).await.unwrap().unwrap();
    assert_eq!(known.files, files);
    assert_eq!(
        (known.ended_at, known.due_at, known.failures, known.reason),
        (at(1), Some(at(121)), 0, None)
    );
    assert!(
        store
            .capture(b.task)
            .await
            .unwrap()
            .unwrap()
            .files
            .is_empty()
    );

    let again = Captured::Again {
        at: at(300),
        reason: "it is down".into(),
    };
    store.settle_capture(a.task, again).await.unwrap();
    let put_off = [("b".to_owned(), 122), ("a".to_owned(), 300)];
    assert_eq!(open(&store).await, put_off);
    let known = store.capture(a.task).await.unwrap().unwrap();
    assert_eq!(
        (known.failures, known.reason),
        (1, Some("it is down".into()))
    );

    store.settle_capture(a.task, Captured::All).await.unwrap();
    let lost = Captured::Lost {
        reason: "forgotten".into(),
    };
    store.settle_capture(b.task, lost).await.unwrap();
    assert!(open(&store).await.is_empty());
    let known = store.capture(a.task).await.unwrap().unwrap();
    assert_eq!((known.due_at, known.reason), (None, None));
    assert_eq!(known.files, files);
    let known = store.capture(b.task).await.unwrap().unwrap();
    assert_eq!(
        (known.due_at, known.reason),
        (None, Some("forgotten".into()))
    );
}

pub(in crate::store) async fn what_is_kept_is_counted_and_walked_through(backend: &impl Backend) {
    let store = opened(backend).await;
    assert_eq!(store.kept_bytes().await.unwrap(), 0);
    hears(
        &store,
        &[
            ("a", 1, "finished"),
            ("b", 2, "finished"),
            ("c", 3, "finished"),
        ],
    )
    .await;
    note(&store, 0).await;
    for one in store.open_captures(9).await.unwrap() {
        for number in 1..=2 {
            let path = format!("{}/{number}", one.key.id);
            let file = file(FileKind::Output, number, kept(&path, 10));
            store.decide_file(one.task, file).await.unwrap();
        }
        let skipped = file(FileKind::Output, 3, Fate::Skipped("no".into()));
        store.decide_file(one.task, skipped).await.unwrap();
    }
    assert_eq!(store.kept_bytes().await.unwrap(), 60);
    let mut paths = Vec::new();
    let mut after = None;
    loop {
        let page = store.kept_contents(after, 2).await.unwrap();
        paths.extend(page.items.into_iter().map(|content| content.path));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let expected = ["a/1", "a/2", "b/1", "b/2", "c/1", "c/2"];
    assert_eq!(
        paths.iter().map(|path| &**path).collect::<Vec<_>>(),
        expected
    );
}
