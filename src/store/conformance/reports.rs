//! Laws of what the Cloud API says of tasks.

use std::sync::Arc;

use crate::store::KeptReport;
use crate::store::Reported;
use crate::store::Store;
use crate::store::TaskRecord;
use crate::store::conformance::stage::Backend;
use crate::store::conformance::stage::at;
use crate::store::conformance::stage::opened;
use crate::store::conformance::tasks::follow;
use crate::store::conformance::tasks::rebuild;
use crate::store::conformance::tasks::says;
use crate::store::conformance::tasks::timeline;
use crate::task::ApiVersion;
use crate::task::OutputFile;
use crate::task::Source;
use crate::task::TaskKey;
use crate::task::TaskKind;
use crate::task::TaskOutcome;
use crate::task::TaskReport;

/// The Cloud API says so, asked in second `seconds`.
fn told(task: &str, seconds: i64, status: &str) -> KeptReport {
    let report = TaskReport {
        session_id: Some("s".into()),
        ..TaskReport::new(ApiVersion::V2, task, status)
    };
    KeptReport::new(report, Source::LookUp, at(seconds))
}

async fn keep(store: &Arc<dyn Store>, told: KeptReport) -> Reported {
    store.keep_report(told).await.unwrap()
}

async fn kept(store: &Arc<dyn Store>, task: &str) -> Option<KeptReport> {
    let key = TaskKey {
        kind: TaskKind::Task,
        id: task.into(),
    };
    store.report(&key).await.unwrap()
}

/// The task, and holds that folding it anew finds it the same.
async fn task(store: &Arc<dyn Store>, name: &str) -> TaskRecord {
    let task = store.task(name).await.unwrap().unwrap();
    assert_eq!(rebuild(store).await.mended, 0);
    assert_eq!(store.task(name).await.unwrap().unwrap(), task);
    task
}

pub(in crate::store) async fn what_the_cloud_says_of_a_task_is_kept_and_observed(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let report = TaskReport {
        session_id: Some("s".into()),
        task: Some("look".into()),
        output: Some("seen \0 ä".into()),
        error: Some("none".into()),
        outcome: Some(TaskOutcome::Success),
        cost: Some("0.05".into()),
        metadata: Some(r#"{"team":"a"}"#.into()),
        created_at: Some(at(1)),
        started_at: Some(at(2)),
        finished_at: Some(at(5)),
        files: vec![OutputFile {
            id: "f".into(),
            name: "a.csv".into(),
        }],
        ..TaskReport::new(ApiVersion::V2, "t", "finished")
    };
    assert_eq!(kept(&store, "t").await, None);
    let told = KeptReport::new(report, Source::LookUp, at(9));
    let reported = keep(&store, told.clone()).await;

    assert_eq!(reported.report, told);
    assert_eq!(kept(&store, "t").await.as_ref(), Some(&told));
    let task = task(&store, "s").await;
    assert_eq!(reported.task, task);
    assert_eq!((&*task.key.id, task.observations), ("t", 1));
    assert_eq!(task.projection.ended_at(), Some(at(5)));
    let lines = timeline(&store, "t").await;
    assert_eq!(lines[0].observation, told.observation());
    assert_eq!(lines[0].event, None);
}

pub(in crate::store) async fn who_asks_again_adds_no_line_until_something_is_new(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    for seconds in [10, 20, 30] {
        keep(&store, told("t", seconds, "started")).await;
    }
    let asked = task(&store, "t").await;
    assert_eq!(
        (asked.observations, timeline(&store, "t").await.len()),
        (1, 1)
    );
    assert_eq!(asked.projection.started_at, Some(at(10)));
    assert_eq!(asked.projection.last_seen_at, at(30));
    assert_eq!(kept(&store, "t").await.unwrap().as_of, at(30));

    // It was confirmed after that, and so undoes what comes late.
    store.append(says("s", "t", 25, "paused")).await.unwrap();
    follow(&store).await;
    let now = task(&store, "t").await.projection.status.unwrap();
    assert_eq!((&*now.word, now.at), ("started", at(30)));

    keep(&store, told("t", 40, "finished")).await;
    assert_eq!(task(&store, "t").await.observations, 3);
}

pub(in crate::store) async fn an_older_report_never_takes_the_place_of_a_newer(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let newer = told("t", 20, "finished");
    keep(&store, newer.clone()).await;
    let reported = keep(&store, told("t", 10, "started")).await;
    assert_eq!(reported.report, newer);
    assert_eq!(kept(&store, "t").await, Some(newer));

    let task = task(&store, "t").await;
    assert_eq!(task.observations, 2);
    assert_eq!(task.projection.started_at, Some(at(10)));
    assert_eq!(task.projection.ended_at(), Some(at(20)));
}

pub(in crate::store) async fn what_ended_does_not_end_anew_when_somebody_asks_again(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    for seconds in [10, 20, 30] {
        keep(&store, told("t", seconds, "finished")).await;
    }
    let task = task(&store, "t").await;
    assert_eq!(task.projection.ended_at(), Some(at(10)));
    assert_eq!(kept(&store, "t").await.unwrap().as_of, at(30));
}

pub(in crate::store) async fn webhooks_and_reports_come_to_the_same_in_any_order(
    backend: &impl Backend,
) {
    let store = opened(backend).await;
    let hooks = [(3, "started"), (6, "paused"), (9, "stopped")];
    let reports = [
        (2, "created"),
        (7, "started"),
        (8, "started"),
        (11, "failed"),
    ];
    let mut found = Vec::new();
    // Reports come in their own order, and webhooks before, between and after them.
    for after in 0..=reports.len() {
        let task = format!("t{after}");
        for (place, (seconds, word)) in reports.iter().enumerate() {
            if place == after {
                hear(&store, &task, &hooks).await;
            }
            keep(&store, told(&task, *seconds, word)).await;
        }
        if after == reports.len() {
            hear(&store, &task, &hooks).await;
        }
        let mut projection = self::task(&store, &task).await.projection;
        // When we heard differs, for the test's webhooks are all received at once.
        projection.first_seen_at = at(0);
        projection.last_seen_at = at(0);
        found.push(projection);
    }
    assert_eq!(found[0].state().unwrap().as_str(), "failed");
    assert!(found.iter().all(|one| *one == found[0]), "{found:#?}");
}

async fn hear(store: &Arc<dyn Store>, task: &str, hooks: &[(i64, &str)]) {
    for (seconds, word) in hooks {
        let said = says("s", task, *seconds, word);
        store.append(said).await.unwrap();
    }
    follow(store).await;
}

pub(in crate::store) async fn of_long_texts_the_beginning_is_kept(backend: &impl Backend) {
    let store = opened(backend).await;
    let mut long = told("t", 1, "finished");
    long.report.output = Some("ä".repeat(1 << 20).into());
    long.report.metadata = Some(format!(r#"{{"a":"{}"}}"#, "b".repeat(1 << 20)).into());
    let reported = keep(&store, long.clone()).await;
    assert_eq!(reported.report, long, "whoever asked gets all of it");

    let kept = kept(&store, "t").await.unwrap();
    assert!(kept.output_is_cut);
    let output = kept.report.output.unwrap();
    assert!(long.report.output.unwrap().starts_with(&*output));
    assert_eq!(output.len(), 256 * 1024);
    assert_eq!(kept.report.metadata, None);
    task(&store, "t").await;
}
