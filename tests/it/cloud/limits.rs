//! The documented limits, held before anything is sent.

use insta::assert_snapshot;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;
use tidings::cloud::CloudError;
use tidings::cloud::v1;
use tidings::cloud::v2;
use tidings::cloud::v3;
use tidings::cloud::v4;

use super::answering;
use super::json as answer;
use super::requests;

fn read<T: DeserializeOwned>(request: Value) -> T {
    serde_json::from_value(request).unwrap()
}

/// A good request, but for one field.
fn with<T: DeserializeOwned>(mut good: Value, field: &str, value: Value) -> T {
    good[field] = value;
    read(good)
}

fn fault<T: std::fmt::Debug>(result: Result<T, CloudError>) -> String {
    result.unwrap_err().to_string()
}

#[tokio::test]
async fn what_breaks_a_limit_of_v1_does_not_leave_and_is_told_by_its_field() {
    let (server, client) = answering(answer(json!({}))).await;
    let v1 = client.v1();
    let mut told = Vec::new();

    let run = |field, value| with::<v1::RunTask>(json!({ "task": "look" }), field, value);
    for (field, value) in [
        ("task", json!("")),
        ("max_agent_steps", json!(201)),
        ("metadata", json!({ "": "a" })),
        ("metadata", json!({ "team": "x".repeat(1001) })),
    ] {
        told.push(fault(v1.run_task(&run(field, value)).await));
    }
    let good = json!({ "task": "look", "schedule_type": "interval", "interval_minutes": 5 });
    for (field, value) in [
        ("task", json!("")),
        ("schedule_type", json!("")),
        ("interval_minutes", json!(null)),
        ("interval_minutes", json!(0)),
        ("schedule_type", json!("cron")),
        ("start_at", json!("tomorrow")),
        ("max_agent_steps", json!(0)),
    ] {
        let schedule: v1::CreateSchedule = with(good.clone(), field, value);
        told.push(fault(v1.create_schedule(&schedule).await));
    }
    let change: v1::UpdateSchedule = read(json!({ "schedule_type": "cron" }));
    told.push(fault(v1.update_schedule("t-1", &change).await));
    for (page, limit) in [(0, 10), (1, 0), (1, 101)] {
        let paging = v1::Paging {
            page: Some(page),
            limit: Some(limit),
        };
        told.push(fault(v1.tasks(paging).await));
    }
    let no_page = v1::Paging {
        page: None,
        limit: Some(0),
    };
    told.push(fault(v1.schedules(no_page).await));
    told.push(fault(v1.profiles(no_page).await));
    told.push(fault(
        v1.create_profile(&v1::CreateProfile::default()).await,
    ));
    told.push(fault(
        v1.presign_upload(&v1::PresignUpload::default()).await,
    ));
    for search in [
        json!({ "query": "" }),
        json!({ "query": "news", "max_websites": 11 }),
        json!({ "query": "news", "depth": 6 }),
    ] {
        told.push(fault(v1.search(&read(search)).await));
    }
    for search in [
        json!({ "url": "", "query": "news" }),
        json!({ "url": "https://site.test", "query": "" }),
        json!({ "url": "https://site.test", "query": "news", "depth": 1 }),
    ] {
        told.push(fault(v1.search_url(&read(search)).await));
    }
    told.push(fault(v1.task("..").await));
    told.push(fault(v1.stop_task("").await));

    assert_snapshot!(told.join("\n"), @r#"
    POST /api/v1/run-task: `task` must be given
    POST /api/v1/run-task: `max_agent_steps` is 201: it goes from 1 to 200
    POST /api/v1/run-task: `metadata` has an empty key
    POST /api/v1/run-task: `metadata.team` has 1001 characters: 1000 are the most
    POST /api/v1/scheduled-task: `task` must be given
    POST /api/v1/scheduled-task: `schedule_type` must be given
    POST /api/v1/scheduled-task: `interval_minutes` must be given when `schedule_type` is "interval"
    POST /api/v1/scheduled-task: `interval_minutes` is 0: it counts from 1
    POST /api/v1/scheduled-task: `cron_expression` must be given when `schedule_type` is "cron"
    POST /api/v1/scheduled-task: `start_at` is no time: write it like 2026-11-23T08:00:00Z
    POST /api/v1/scheduled-task: `max_agent_steps` is 0: it goes from 1 to 200
    PUT /api/v1/scheduled-task/t-1: `cron_expression` must be given when `schedule_type` is "cron"
    GET /api/v1/tasks: `page` is 0: it counts from 1
    GET /api/v1/tasks: `limit` is 0: it goes from 1 to 100
    GET /api/v1/tasks: `limit` is 101: it goes from 1 to 100
    GET /api/v1/scheduled-tasks: `limit` is 0: it counts from 1
    GET /api/v1/browser-profiles: `limit` is 0: it counts from 1
    POST /api/v1/browser-profiles: `profile_name` must be given
    POST /api/v1/uploads/presigned-url: `file_name` must be given
    POST /api/v1/simple-search: `query` must be given
    POST /api/v1/simple-search: `max_websites` is 11: it goes from 1 to 10
    POST /api/v1/simple-search: `depth` is 6: it goes from 2 to 5
    POST /api/v1/search-url: `url` must be given
    POST /api/v1/search-url: `query` must be given
    POST /api/v1/search-url: `depth` is 1: it goes from 2 to 5
    GET /api/v1/task/..: `id` is neither empty nor made of dots
    PUT /api/v1/stop-task: `task_id` must be given
    "#);
    assert_eq!(requests(&server).await.len(), 0);
}

#[tokio::test]
async fn what_breaks_a_limit_of_a_later_version_does_not_leave_either() {
    let (server, client) = answering(answer(json!({}))).await;
    let mut told = Vec::new();

    let metadata: Value = (0..11).map(|n| (n.to_string(), json!("a"))).collect();
    for (field, value) in [
        ("task", json!("")),
        ("task", json!("x".repeat(50_001))),
        ("maxSteps", json!(0)),
        ("maxSteps", json!(10_001)),
        ("metadata", metadata),
        ("sessionSettings", json!({ "browserScreenWidth": 319 })),
        ("sessionSettings", json!({ "browserScreenHeight": 3457 })),
        ("systemPromptExtension", json!("x".repeat(10_001))),
        ("judgeGroundTruth", json!("x".repeat(10_001))),
    ] {
        let task: v2::CreateTask = with(json!({ "task": "look" }), field, value);
        told.push(fault(client.v2().create_task(&task).await));
    }
    for list in [
        json!({ "pageSize": 101 }),
        json!({ "pageNumber": 0 }),
        json!({ "after": "yesterday" }),
    ] {
        told.push(fault(client.v2().tasks(&read(list)).await));
    }
    let sessions: v3::ListSessions = read(json!({ "page_size": 101 }));
    told.push(fault(client.v3().sessions(sessions).await));
    let runs: v4::ListRuns = read(json!({ "limit": 0 }));
    told.push(fault(client.v4().runs(&runs).await));

    assert_snapshot!(told.join("\n"), @"
    POST /api/v2/tasks: `task` must be given
    POST /api/v2/tasks: `task` has 50001 characters: 50000 are the most
    POST /api/v2/tasks: `maxSteps` is 0: it goes from 1 to 10000
    POST /api/v2/tasks: `maxSteps` is 10001: it goes from 1 to 10000
    POST /api/v2/tasks: `metadata` has 11 pairs: 10 are the most
    POST /api/v2/tasks: `sessionSettings.browserScreenWidth` is 319: it goes from 320 to 6144
    POST /api/v2/tasks: `sessionSettings.browserScreenHeight` is 3457: it goes from 320 to 3456
    POST /api/v2/tasks: `systemPromptExtension` has 10001 characters: 10000 are the most
    POST /api/v2/tasks: `judgeGroundTruth` has 10001 characters: 10000 are the most
    GET /api/v2/tasks: `pageSize` is 101: it goes from 1 to 100
    GET /api/v2/tasks: `pageNumber` is 0: it counts from 1
    GET /api/v2/tasks: `after` is no time: write it like 2026-11-23T08:00:00Z
    GET /api/v3/sessions: `page_size` is 101: it goes from 1 to 100
    GET /api/v4/runs: `limit` is 0: it counts from 1
    ");
    assert_eq!(requests(&server).await.len(), 0);
}
