//! What the Cloud API tells of tasks, beside their webhooks.

use crate::harness::linked::Linked;

#[tokio::test]
async fn a_task_of_the_cloud_is_known_by_its_webhooks_alone() {
    let mut linked = Linked::start().await;
    let id = linked.cloud.run_task("t").await;
    linked.passes(10).await;

    let caller = linked.receiver.caller();
    let task = caller.finds(&format!("/tasks/{id}")).await;
    assert_eq!(task["state"], "finished");
    assert_eq!(linked.asked(), ["POST /api/v1/run-task"]);
    linked.receiver.stop_cleanly().await;
}
