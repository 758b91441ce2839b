//! v1: scheduled tasks.

use serde_json::Value;
use serde_json::json;

use crate::harness::simulated::Simulated;

async fn schedule(cloud: &Simulated, more: Value) -> String {
    let mut asked = json!({ "task": "Read the news" });
    let more = more.as_object().unwrap().clone();
    asked.as_object_mut().unwrap().extend(more);
    let made = cloud.post("v1/scheduled-task", asked).await.is(200);
    format!("v1/scheduled-task/{}", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_schedule_runs_its_task_again_and_again() {
    let cloud = Simulated::start().await;
    let interval = json!({ "schedule_type": "interval", "interval_minutes": 1 });
    let path = schedule(&cloud, interval).await;
    let runs = async || cloud.get("v1/tasks").await.is(200)["total_count"].clone();

    let shown = cloud.get(&path).await.is(200);
    assert_eq!(shown["next_run_at"], "2026-05-25T09:01:00.000000Z");
    assert_eq!(shown["end_at"], "2027-05-25T09:00:00.000000Z");
    assert_eq!(shown["llm_model"], "gpt-4o");
    assert_eq!(runs().await, 1);
    cloud.passes(60).await;
    assert_eq!(runs().await, 2);

    cloud
        .put(&path, json!({ "is_active": false }))
        .await
        .is(200);
    cloud.passes(120).await;
    assert_eq!(runs().await, 2);
    assert_eq!(cloud.get(&path).await.is(200)["next_run_at"], Value::Null);
}

#[tokio::test]
async fn a_schedule_is_listed_changed_and_deleted() {
    let cloud = Simulated::start().await;
    let cron = json!({
        "schedule_type": "cron",
        "cron_expression": "30 6 * * 1-5",
        "start_at": "2026-06-01T00:00:00",
        "metadata": { "team": "tests" },
    });
    let path = schedule(&cloud, cron).await;
    let list = cloud.get("v1/scheduled-tasks").await.is(200);
    assert_eq!(list["total_count"], 1);
    assert_eq!(
        list["tasks"][0]["next_run_at"],
        "2026-06-01T06:30:00.000000Z"
    );
    assert_eq!(list["tasks"][0]["cron_expression"], "30 6 * * 1-5");

    let change =
        json!({ "task": "Read less", "interval_minutes": 30, "schedule_type": "interval" });
    let changed = cloud.put(&path, change).await.is(200);
    assert_eq!(changed["task"], "Read less");
    assert_eq!(changed["schedule_type"], "interval");
    assert_eq!(changed["interval_minutes"], 30);
    assert_eq!(changed["metadata"], json!({ "team": "tests" }));

    assert_eq!(cloud.delete(&path).await.is(200), Value::Null);
    cloud.get(&path).await.is(404);
}

#[tokio::test]
async fn a_schedule_needs_its_rhythm() {
    let mut cloud = Simulated::start().await;
    for (field, kind, asked) in [
        ("schedule_type", "missing", json!({})),
        ("schedule_type", "enum", json!({ "schedule_type": "daily" })),
        (
            "interval_minutes",
            "value_error",
            json!({ "schedule_type": "interval" }),
        ),
        (
            "cron_expression",
            "value_error",
            json!({ "schedule_type": "cron" }),
        ),
        (
            "cron_expression",
            "value_error",
            json!({ "schedule_type": "cron", "cron_expression": "daily" }),
        ),
        (
            "proxy_country_code",
            "enum",
            json!({
                "schedule_type": "interval",
                "interval_minutes": 1,
                "proxy_country_code": "nl",
            }),
        ),
    ] {
        let mut whole = json!({ "task": "t" });
        whole
            .as_object_mut()
            .unwrap()
            .extend(asked.as_object().unwrap().clone());
        let refused = cloud.post("v1/scheduled-task", whole).await;
        refused.finds_fault(field, kind);
    }
    let fine = json!({
        "task": "t",
        "schedule_type": "interval",
        "interval_minutes": 1,
        "proxy_country_code": "uk",
    });
    let unsubscribed = cloud.with_key("no-subscription");
    unsubscribed
        .post("v1/scheduled-task", fine.clone())
        .await
        .is(403);
    cloud
        .with_key("key")
        .post("v1/scheduled-task", fine)
        .await
        .is(200);
}
