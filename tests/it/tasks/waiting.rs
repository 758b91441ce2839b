//! Waiting for the end of tasks.

use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::harness::caller::Caller;
use crate::harness::caller::Reply;
use crate::harness::receiver::Receiver;

/// Longer than any test takes: who waits so long is woken.
const LONG: &str = "timeout=300s";

/// Waits as the rest of a path below `/api/v1/tasks` says.
async fn waits(caller: Caller, rest: String) -> Reply {
    caller.gets(&format!("/api/v1/tasks/{rest}")).await
}

/// The same, beside what the test does meanwhile.
fn beside(caller: &Caller, rest: String) -> JoinHandle<Reply> {
    TaskTracker::new().spawn(waits(caller.clone(), rest))
}

/// So many who wait for the same task.
fn crowd(caller: &Caller, size: usize, task: &str) -> Vec<JoinHandle<Reply>> {
    let one = |_| beside(caller, format!("{task}/wait?{LONG}"));
    (0..size).map(one).collect()
}

/// What they heard.
async fn heard(crowd: Vec<JoinHandle<Reply>>) -> Vec<Reply> {
    let replies = join_all(crowd).await.into_iter();
    replies.map(|reply| reply.expect("nobody panics")).collect()
}

/// How a task that was waited for stands.
fn told(task: &Value) -> String {
    let resumable = if task["resumable"] == true {
        ", resumable"
    } else {
        ""
    };
    format!("{}: {}{resumable}", task["id"], task["state"])
}

#[tokio::test]
async fn whoever_waits_before_during_or_after_the_end_hears_the_same() {
    let receiver = Receiver::start().await;
    receiver.hears("task_1", "started").await;
    let caller = receiver.caller();

    let before = crowd(&caller, 100, "task_1");
    receiver.has_waiters(100).await;
    let during = crowd(&caller, 100, "task_1");
    receiver.hears("task_1", "finished").await;
    let after = crowd(&caller, 100, "task_1");
    let replies = heard(before.into_iter().chain(during).chain(after).collect()).await;

    assert_eq!(replies.len(), 300);
    for reply in replies {
        assert_eq!(reply.status, 200);
        let task = reply.json();
        assert_eq!(task["state"], "finished");
        assert_eq!(task["next"], Value::Null);
    }
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_task_that_nobody_has_heard_of_can_be_waited_for() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let reply = waits(
        caller.clone(),
        "a%20task/wait?timeout=0s&with=output".into(),
    )
    .await;
    let next = "/api/v1/tasks/a%20task/wait?timeout=1s&with=output";
    assert_eq!(reply.header("location"), next);
    assert_snapshot!(reply.told(), @r#"
    202
    {"id":"a task","kind":null,"api":null,"state":null,"status":null,"ended":false,"session_id":null,"task":null,"output":null,"output_is_cut":null,"output_files":null,"error":null,"outcome":null,"cost":null,"metadata":null,"created_at":null,"started_at":null,"finished_at":null,"first_seen_at":null,"last_seen_at":null,"as_of":null,"source":null,"links":{"self":"/api/v1/tasks/a%20task","timeline":"/api/v1/tasks/a%20task/timeline","wait":"/api/v1/tasks/a%20task/wait","events":null},"resumable":false,"output_unavailable":"it comes when the task has ended","next":"/api/v1/tasks/a%20task/wait?timeout=1s&with=output"}
    "#);

    let waiting = beside(&caller, "a%20task/wait?timeout=1s".into());
    receiver.hears("a task", "failed").await;
    let mut reply = waiting.await.expect("nobody panics");
    // A second may be short on a busy machine: then it is the next wait that hears of it.
    if reply.status == 202 {
        reply = receiver.caller().gets(reply.header("location")).await;
    }
    assert_eq!(reply.status, 200);
    assert_eq!(told(&reply.json()), r#""a task": "failed""#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn when_the_time_is_up_the_answer_is_what_is_known() {
    let receiver = Receiver::start().await;
    receiver.hears("task_1", "paused").await;
    receiver.follow_all().await;

    let reply = waits(receiver.caller(), "task_1/wait?timeout=10ms".into()).await;

    assert_eq!(reply.status, 202);
    assert_eq!(told(&reply.json()), r#""task_1": "paused""#);
    assert_eq!(reply.json()["next"], "/api/v1/tasks/task_1/wait?timeout=1s");
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn of_several_tasks_one_or_all_are_waited_for() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let wait = |mode| beside(&caller, format!("wait?ids=a,b&mode={mode}&{LONG}"));
    let (any, all) = (wait("any"), wait("all"));

    receiver.hears("b", "finished").await;
    let reply = any.await.expect("nobody panics");
    assert_eq!(reply.status, 200);
    let tasks = &reply.json()["data"];
    assert_eq!(
        (&tasks[0]["state"], &tasks[1]["state"]),
        (&Value::Null, &"finished".into())
    );
    assert!(!all.is_finished());

    receiver.hears("a", "stopped").await;
    let reply = all.await.expect("nobody panics");
    assert_eq!(reply.status, 200);
    let tasks = &reply.json()["data"];
    assert_eq!(
        (&tasks[0]["state"], &tasks[1]["state"]),
        (&"stopped".into(), &"finished".into())
    );
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_session_whose_turn_is_done_wakes_and_is_said_to_take_another() {
    let receiver = Receiver::start().await;
    let waiting = beside(&receiver.caller(), format!("session_9/wait?{LONG}"));
    for status in ["running", "idle"] {
        let body = format!(
            r#"{{"type":"session.status.update","payload":{{"session_id":"session_9","status":"{status}"}}}}"#
        );
        receiver.cloud.posts(&body).await.accepted();
    }

    let reply = waiting.await.expect("nobody panics");
    assert_eq!(reply.status, 200);
    assert_eq!(told(&reply.json()), r#""session_9": "idle", resumable"#);
    assert_eq!(reply.json()["ended"], false);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_task_can_be_waited_for_by_its_session() {
    let receiver = Receiver::start().await;
    let waiting = beside(&receiver.caller(), format!("session_1/wait?{LONG}"));

    receiver.hears("task_1", "finished").await;

    let reply = waiting.await.expect("nobody panics");
    assert_eq!(told(&reply.json()), r#""task_1": "finished""#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_session_with_several_tasks_is_waited_for_by_its_newest() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    for task in ["task_1", "task_2"] {
        receiver.hears(task, "started").await;
    }
    receiver.follow_all().await;
    let waiting = beside(&caller, format!("session_1/wait?{LONG}"));
    receiver.has_waiters(1).await;

    let of_first = beside(&caller, format!("task_1/wait?{LONG}"));
    receiver.has_waiters(2).await;
    receiver.hears("task_1", "finished").await;
    assert_eq!(of_first.await.expect("nobody panics").status, 200);
    receiver.hears("task_2", "stopped").await;

    let reply = waiting.await.expect("nobody panics");
    assert_eq!(told(&reply.json()), r#""task_2": "stopped""#);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_server_that_stops_sends_everybody_home_with_what_is_known() {
    let receiver = Receiver::start().await;
    let waiting = crowd(&receiver.caller(), 50, "task_1");
    receiver.has_waiters(50).await;

    receiver.stop_cleanly().await;

    for reply in heard(waiting).await {
        assert_eq!(reply.status, 202, "{}", reply.text());
        assert_eq!(reply.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn a_crowd_leaves_room_for_webhooks() {
    let receiver = Receiver::configured(|config| config.server.max_connections = 8).await;
    let caller = receiver.caller();
    let waiting = crowd(&caller, 6, "task_1");
    receiver.has_waiters(6).await;

    let too_many = waits(caller, format!("task_1/wait?{LONG}")).await;
    assert_eq!(too_many.status, 202);
    assert_eq!(too_many.header("retry-after"), "1");
    receiver.hears("task_1", "finished").await;
    for reply in heard(waiting).await {
        assert_eq!(reply.status, 200);
    }

    // Their seats are free again.
    let next = beside(&receiver.caller(), format!("task_2/wait?{LONG}"));
    receiver.has_waiters(1).await;
    receiver.hears("task_2", "failed").await;
    assert_eq!(next.await.expect("nobody panics").status, 200);
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn whoever_hangs_up_waits_no_longer() {
    let receiver = Receiver::start().await;
    let waiting = beside(&receiver.caller(), format!("task_1/wait?{LONG}"));
    receiver.has_waiters(1).await;

    waiting.abort();

    receiver.has_waiters(0).await;
    receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_slip_of_the_pen_waits_for_nothing() {
    let receiver = Receiver::start().await;
    let caller = receiver.caller();
    let told = async |rest: &str| waits(caller.clone(), rest.to_owned()).await.told();
    assert_snapshot!(told("t/wait?timeout=soon").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`timeout` does not read: \"soon\" is no length of time (expected number at 0): write it like \"90s\", \"5m\", \"3d\""}
    "#);
    assert_snapshot!(told("t/wait?until=started").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`until` is `ended`"}
    "#);
    assert_snapshot!(told("t/wait?with=cookies").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`with` is `output`"}
    "#);
    assert_snapshot!(told("wait").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`ids` names 1 to 100 tasks"}
    "#);
    assert_snapshot!(told("wait?ids=a&mode=most").await, @r#"
    400
    {"type":"/problems/invalid-parameter","title":"invalid parameter","status":400,"detail":"`mode` does not read: it is `any` or `all`"}
    "#);
    receiver.stop_cleanly().await;
}
