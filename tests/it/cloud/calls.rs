//! What each call sends, and where.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::v1;
use tidings::cloud::v2;
use tidings::cloud::v3;
use tidings::cloud::v4;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;
use wiremock::matchers::method;
use wiremock::matchers::path_regex;

use super::KEY;
use super::answering;
use super::client;
use super::json as answer;
use super::manual::rows;
use super::requests;

/// An API that answers every call with something of the right shape.
async fn agreeable() -> MockServer {
    let server = MockServer::start().await;
    let bare = [
        ("^/api/v1/task/t-1/status$", json!("running")),
        ("^/api/v1/me$", json!(true)),
    ];
    for (path, value) in bare {
        Mock::given(path_regex(path))
            .respond_with(answer(value))
            .mount(&server)
            .await;
    }
    Mock::given(method("PUT"))
        .and(path_regex("^/api/v1/(stop|pause|resume)-task$"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let everything = json!({
        "id": "t-1", "status": "running", "profile_id": "p-1", "balance": "5",
        "tasks": [], "profiles": [], "items": [], "sessions": [], "runs": [], "results": [],
        "upload_url": "https://files.test/", "download_url": "https://files.test/",
        "downloadUrl": "https://files.test/",
    });
    Mock::given(any())
        .respond_with(answer(everything))
        .mount(&server)
        .await;
    server
}

/// `PUT /api/v1/stop-task?task_id=t-1, bearer`
fn told(request: &Request) -> String {
    let header = |name: &str| {
        request
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    let credential = match (header("authorization"), header("x-browser-use-api-key")) {
        (Some(bearer), None) if bearer == format!("Bearer {KEY}") => "bearer",
        (None, Some(KEY)) => "api key",
        (None, None) => "no key",
        _ => "a credential nobody documented",
    };
    let url = &request.url;
    let query = url.query().map(|query| format!("?{query}"));
    let address = format!("{}{}", url.path(), query.unwrap_or_default());
    format!("{} {address}, {credential}", request.method)
}

async fn all(server: &MockServer) -> String {
    let told: Vec<_> = requests(server).await.iter().map(told).collect();
    told.join("\n")
}

/// Makes every call of v1 once.
async fn call_v1(client: &Client) {
    let v1 = client.v1();
    let paging = v1::Paging {
        page: Some(2),
        limit: Some(100),
    };
    let task = v1::RunTask {
        task: "look".to_owned(),
        ..v1::RunTask::default()
    };
    let schedule = v1::CreateSchedule {
        task: "look".to_owned(),
        schedule_type: "cron".to_owned(),
        cron_expression: Some("0 9 * * *".to_owned()),
        ..v1::CreateSchedule::default()
    };
    let profile = v1::CreateProfile {
        profile_name: "mine".to_owned(),
        ..v1::CreateProfile::default()
    };
    let file = v1::PresignUpload {
        file_name: "data.csv".to_owned(),
        content_type: "text/csv".to_owned(),
        ..v1::PresignUpload::default()
    };
    let search = v1::SimpleSearch {
        query: "news".to_owned(),
        ..v1::SimpleSearch::default()
    };
    let search_url = v1::SearchUrl {
        url: "https://site.test".to_owned(),
        query: "news".to_owned(),
        ..v1::SearchUrl::default()
    };

    assert_eq!(v1.run_task(&task).await.unwrap().id, "t-1");
    v1.stop_task("t-1").await.unwrap();
    v1.pause_task("t-1").await.unwrap();
    v1.resume_task("t-1").await.unwrap();
    v1.task("t-1").await.unwrap();
    assert_eq!(v1.task_status("t-1").await.unwrap(), "running");
    v1.tasks(paging).await.unwrap();
    v1.media("t-1").await.unwrap();
    v1.screenshots("t-1").await.unwrap();
    v1.gif("t-1").await.unwrap();
    v1.output_file("t-1", "a b/c.csv").await.unwrap();
    v1.schedules(v1::Paging::default()).await.unwrap();
    v1.create_schedule(&schedule).await.unwrap();
    v1.schedule("t-1").await.unwrap();
    v1.update_schedule("t-1", &v1::UpdateSchedule::default())
        .await
        .unwrap();
    v1.delete_schedule("t-1").await.unwrap();
    v1.profiles(v1::Paging::default()).await.unwrap();
    v1.create_profile(&profile).await.unwrap();
    v1.profile("p-1").await.unwrap();
    v1.update_profile("p-1", &v1::UpdateProfile::default())
        .await
        .unwrap();
    v1.delete_profile("p-1").await.unwrap();
    v1.presign_upload(&file).await.unwrap();
    v1.search(&search).await.unwrap();
    v1.search_url(&search_url).await.unwrap();
    assert_eq!(v1.balance().await.unwrap().balance, "5");
    assert!(v1.me().await.unwrap());
    v1.ping().await.unwrap();
}

#[tokio::test]
async fn each_call_of_v1_goes_where_the_vendor_documents_it() {
    let server = agreeable().await;
    call_v1(&client(&server)).await;
    assert_snapshot!(all(&server).await, @"
    POST /api/v1/run-task, bearer
    PUT /api/v1/stop-task?task_id=t-1, bearer
    PUT /api/v1/pause-task?task_id=t-1, bearer
    PUT /api/v1/resume-task?task_id=t-1, bearer
    GET /api/v1/task/t-1, bearer
    GET /api/v1/task/t-1/status, bearer
    GET /api/v1/tasks?page=2&limit=100, bearer
    GET /api/v1/task/t-1/media, bearer
    GET /api/v1/task/t-1/screenshots, bearer
    GET /api/v1/task/t-1/gif, bearer
    GET /api/v1/task/t-1/output-file/a%20b%2Fc.csv, bearer
    GET /api/v1/scheduled-tasks, bearer
    POST /api/v1/scheduled-task, bearer
    GET /api/v1/scheduled-task/t-1, bearer
    PUT /api/v1/scheduled-task/t-1, bearer
    DELETE /api/v1/scheduled-task/t-1, bearer
    GET /api/v1/browser-profiles, bearer
    POST /api/v1/browser-profiles, bearer
    GET /api/v1/browser-profiles/p-1, bearer
    PUT /api/v1/browser-profiles/p-1, bearer
    DELETE /api/v1/browser-profiles/p-1, bearer
    POST /api/v1/uploads/presigned-url, bearer
    POST /api/v1/simple-search, bearer
    POST /api/v1/search-url, bearer
    GET /api/v1/balance, bearer
    GET /api/v1/me, bearer
    GET /api/v1/ping, bearer
    ");
}

/// Makes every call of the later versions once.
async fn call_later_versions(client: &Client) {
    let task = v2::CreateTask {
        task: "look".to_owned(),
        ..v2::CreateTask::default()
    };
    let list = v2::ListTasks {
        page_size: Some(100),
        page_number: Some(2),
        session_id: Some("s-1".to_owned()),
        filter_by: Some("finished".to_owned()),
        after: Some("2026-11-23T08:00:00+01:00".into()),
        before: Some("2026-11-23T08:00:00.5".into()),
    };
    let sessions = v3::ListSessions {
        page: Some(2),
        page_size: Some(100),
    };
    let runs = v4::ListRuns {
        limit: Some(5),
        cursor: Some("a/b".to_owned()),
        session_id: None,
    };

    let v2 = client.v2();
    v2.create_task(&task).await.unwrap();
    v2.tasks(&list).await.unwrap();
    v2.task("t-1").await.unwrap();
    v2.task_status("t-1").await.unwrap();
    v2.stop_task("t-1", v2::Stop::Task).await.unwrap();
    v2.logs("t-1").await.unwrap();
    v2.output_file("t-1", "f-1").await.unwrap();
    client.v3().sessions(sessions).await.unwrap();
    client.v3().session("s-1").await.unwrap();
    client.v3().session_status("s-1").await.unwrap();
    client.v4().runs(&runs).await.unwrap();
    client.v4().run("r-1").await.unwrap();
    client.v4().run_status("r-1").await.unwrap();
}

#[tokio::test]
async fn each_call_of_the_later_versions_goes_where_the_vendor_documents_it() {
    let server = agreeable().await;
    call_later_versions(&client(&server)).await;
    assert_snapshot!(all(&server).await, @"
    POST /api/v2/tasks, api key
    GET /api/v2/tasks?pageSize=100&pageNumber=2&sessionId=s-1&filterBy=finished&after=2026-11-23T07%3A00%3A00&before=2026-11-23T08%3A00%3A00.5, api key
    GET /api/v2/tasks/t-1, api key
    GET /api/v2/tasks/t-1/status, api key
    PATCH /api/v2/tasks/t-1, api key
    GET /api/v2/tasks/t-1/logs, api key
    GET /api/v2/files/tasks/t-1/output-files/f-1, api key
    GET /api/v3/sessions?page=2&page_size=100, api key
    GET /api/v3/sessions/s-1, api key
    GET /api/v3/sessions/s-1, api key
    GET /api/v4/runs?limit=5&cursor=a%2Fb, api key
    GET /api/v4/runs/r-1, api key
    GET /api/v4/runs/r-1/status, api key
    ");
}

/// Whether a call follows a pattern: what stands in braces is anything.
fn follows(call: &str, pattern: &str) -> bool {
    let (call, pattern): (Vec<_>, Vec<_>) =
        (call.split('/').collect(), pattern.split('/').collect());
    let fits = |(part, expected): (&&str, &&str)| part == expected || expected.starts_with('{');
    call.len() == pattern.len() && call.iter().zip(&pattern).all(fits)
}

#[tokio::test]
async fn the_manual_lists_every_call_and_no_other() {
    let server = agreeable().await;
    call_v1(&client(&server)).await;
    call_later_versions(&client(&server)).await;
    let made: Vec<_> = requests(&server)
        .await
        .iter()
        .map(|request| format!("{} {}", request.method, request.url.path()))
        .collect();

    let listed: Vec<_> = rows().into_iter().map(|row| row.call).collect();
    let is_made = |pattern: &&String| made.iter().any(|call| follows(call, pattern));
    let is_listed = |call: &&String| listed.iter().any(|pattern| follows(call, pattern));

    assert!(listed.len() > 30, "the manual was not read: {listed:?}");
    let made_up: Vec<_> = listed.iter().filter(|listed| !is_made(listed)).collect();
    assert!(made_up.is_empty(), "the manual lists {made_up:?}");
    let missing: Vec<_> = made.iter().filter(|made| !is_listed(made)).collect();
    assert!(missing.is_empty(), "the manual lacks {missing:?}");
}

#[tokio::test]
async fn v2_is_told_how_to_stop() {
    let server = agreeable().await;
    let client = client(&server);
    for stop in [v2::Stop::Task, v2::Stop::TaskAndSession] {
        client.v2().stop_task("t-1", stop).await.unwrap();
    }
    let bodies = requests(&server).await;
    let bodies: Vec<Value> = bodies.iter().map(|got| got.body_json().unwrap()).collect();
    let expected = [
        json!({ "action": "stop" }),
        json!({ "action": "stop_task_and_session" }),
    ];
    assert_eq!(bodies, expected);
}

/// Every field of the vendor's page on v1's run-task, and one that is not on it.
fn run_task() -> Value {
    json!({
        "task": "look", "secrets": { "password": "s3cret" },
        "allowed_domains": ["*.skyscanner.com"], "browser_profile_id": "p-1",
        "save_browser_data": true, "structured_output_json": "{}", "llm_model": "brand-new-model",
        "use_adblock": false, "use_proxy": false, "proxy_country_code": "zz",
        "highlight_elements": false, "included_file_names": ["data.csv"],
        "browser_viewport_width": 640, "browser_viewport_height": 480, "max_agent_steps": 200,
        "enable_public_share": true, "metadata": { "team": "a" }, "brand_new": { "x": [1, null] },
    })
}

/// The same of v1's scheduled-task.
fn create_schedule() -> Value {
    let mut body = run_task();
    let fields = body.as_object_mut().unwrap();
    fields.remove("browser_profile_id");
    for (name, value) in [
        ("schedule_type", json!("interval")),
        ("interval_minutes", json!(5)),
        ("cron_expression", json!("0 9 * * *")),
        ("start_at", json!("2026-11-23T08:00:00")),
        ("end_at", json!("2027-11-23T08:00:00+01:00")),
    ] {
        fields.insert(name.to_owned(), value);
    }
    body
}

/// The same of v2's "Create Task".
fn create_task() -> Value {
    json!({
        "task": "look", "llm": "brand-new-model", "startUrl": "https://site.test",
        "maxSteps": 10000, "structuredOutput": "{}", "sessionId": "s-1",
        "metadata": { "team": "a" }, "secrets": { "password": "s3cret" },
        "allowedDomains": ["site.test"], "opVaultId": "v-1",
        "sessionSettings": {
            "profileId": "p-1", "proxyCountryCode": null, "browserScreenWidth": 320,
            "browserScreenHeight": 3456, "enableRecording": true, "brandNew": 1,
        },
        "highlightElements": true, "flashMode": true, "thinking": true, "vision": "auto",
        "systemPromptExtension": "be kind", "judge": true, "judgeGroundTruth": "42",
        "judgeLlm": "brand-new-model", "skillIds": ["*"], "brandNew": 1,
    })
}

#[tokio::test]
async fn every_documented_field_is_sent_as_it_was_given_and_so_is_an_unknown_one() {
    let server = agreeable().await;
    let client = client(&server);

    let task: v1::RunTask = serde_json::from_value(run_task()).unwrap();
    assert_eq!(task.extra.len(), 1, "{:?}", task.extra);
    client.v1().run_task(&task).await.unwrap();
    let schedule: v1::CreateSchedule = serde_json::from_value(create_schedule()).unwrap();
    assert_eq!(schedule.extra.len(), 1, "{:?}", schedule.extra);
    client.v1().create_schedule(&schedule).await.unwrap();
    let task: v2::CreateTask = serde_json::from_value(create_task()).unwrap();
    assert_eq!(task.extra.len(), 1, "{:?}", task.extra);
    client.v2().create_task(&task).await.unwrap();

    let sent = requests(&server).await;
    let sent: Vec<Value> = sent.iter().map(|got| got.body_json().unwrap()).collect();
    assert_eq!(sent, [run_task(), create_schedule(), create_task()]);
}

#[tokio::test]
async fn what_is_not_given_is_left_to_the_vendor() {
    let (server, client) = answering(answer(json!({ "id": "t-1" }))).await;
    let task = v1::RunTask {
        task: "look".to_owned(),
        ..v1::RunTask::default()
    };
    client.v1().run_task(&task).await.unwrap();
    let sent: Value = requests(&server).await[0].body_json().unwrap();
    assert_eq!(sent, json!({ "task": "look" }));
}
