//! A look-up asks the versions in their order, and says which knew.

use insta::assert_snapshot;
use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::Settings;
use tidings::task::ApiVersion;
use tidings::task::TaskState;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::path;

use super::client;
use super::json as answer;
use super::requests;
use super::settings;

async fn knows(server: &MockServer, at: &str, reply: ResponseTemplate) {
    Mock::given(path(at))
        .respond_with(reply)
        .mount(server)
        .await;
}

fn unknown() -> ResponseTemplate {
    ResponseTemplate::new(404).set_body_json(json!({ "detail": "Task not found" }))
}

#[tokio::test]
async fn the_first_version_that_knows_a_task_tells_of_it() {
    let server = MockServer::start().await;
    let misshapen = json!({ "detail": [{ "loc": ["path", "task_id"], "msg": "no UUID" }] });
    let misshapen = ResponseTemplate::new(422).set_body_json(misshapen);
    knows(&server, "/api/v2/tasks/t-1", misshapen).await;
    let task = json!({ "id": "t-1", "status": "finished", "output": "seen" });
    knows(&server, "/api/v1/task/t-1", answer(task)).await;

    let report = client(&server).look_up("t-1").await.unwrap();

    assert_eq!(report.api, ApiVersion::V1);
    assert_eq!(report.state(), TaskState::Finished);
    assert_eq!(report.output.as_deref(), Some("seen"));
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn sessions_and_runs_are_found_where_their_versions_are_configured() {
    let server = MockServer::start().await;
    let session = json!({ "id": "s-1", "status": "idle", "isTaskSuccessful": true });
    knows(&server, "/api/v3/sessions/s-1", answer(session)).await;
    knows(&server, "/api/v3/sessions/r-1", unknown()).await;
    let run = json!({ "id": "r-1", "status": "queued" });
    knows(&server, "/api/v4/runs/r-1", answer(run)).await;
    let client = Client::new(Settings {
        versions: vec![ApiVersion::V3, ApiVersion::V4],
        ..settings(&server.uri())
    });
    let client = client.unwrap();

    let session = client.look_up("s-1").await.unwrap();
    assert_eq!(
        (session.api, session.state()),
        (ApiVersion::V3, TaskState::Idle)
    );
    let run = client.look_up("r-1").await.unwrap();
    assert_eq!((run.api, run.state()), (ApiVersion::V4, TaskState::Created));
}

#[tokio::test]
async fn a_task_that_no_version_knows_is_told_with_all_that_were_asked() {
    let server = MockServer::start().await;
    knows(&server, "/api/v2/tasks/t-1", unknown()).await;
    knows(&server, "/api/v1/task/t-1", unknown()).await;
    let error = client(&server).look_up("t-1").await.unwrap_err();
    assert_snapshot!(error, @"look-up of `t-1` in v2, v1 (`cloud.versions`): there is no such task (404 Not Found: Task not found): it was deleted, or another project or version of the API has it");
}

#[tokio::test]
async fn another_trouble_is_no_not_knowing() {
    let server = MockServer::start().await;
    knows(&server, "/api/v2/tasks/t-1", ResponseTemplate::new(500)).await;
    let error = client(&server).look_up("t-1").await.unwrap_err();
    assert_snapshot!(error, @"GET /api/v2/tasks/t-1: Browser Use is down or cannot be reached (500 Internal Server Error): try again later");
    assert_eq!(requests(&server).await.len(), 1);
}
