//! Every way to fail, with the message that a user reads.

use insta::assert_snapshot;
use serde_json::Value;
use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::CloudError;
use tidings::cloud::Settings;
use tidings::cloud::Trouble;
use tidings::cloud::v1;
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

use super::answering;
use super::requests;
use super::settings;

/// What a user reads when a task is started and the vendor answers so.
async fn starting(status: u16, body: Value) -> CloudError {
    let (_server, client) = answering(ResponseTemplate::new(status).set_body_json(body)).await;
    start(&client).await
}

async fn start(client: &Client) -> CloudError {
    let task = v1::RunTask {
        task: "look".to_owned(),
        ..v1::RunTask::default()
    };
    client.v1().run_task(&task).await.unwrap_err()
}

/// The same when a task is looked at.
async fn looking(status: u16, body: Value) -> CloudError {
    let (_server, client) = answering(ResponseTemplate::new(status).set_body_json(body)).await;
    client.v2().task("t-1").await.unwrap_err()
}

fn detail(text: &str) -> Value {
    json!({ "detail": text })
}

#[tokio::test]
async fn without_a_key_nothing_is_asked_but_the_ping() {
    let (server, _) = answering(ResponseTemplate::new(200)).await;
    let client = Client::new(Settings {
        api_key: None,
        ..settings(&server.uri())
    });
    let client = client.unwrap();

    let error = client.v2().task("t-1").await.unwrap_err();

    assert_snapshot!(error, @"GET /api/v2/tasks/t-1: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment");
    assert_eq!(requests(&server).await.len(), 0);
    client.v1().ping().await.unwrap();
}

#[tokio::test]
async fn a_variable_that_is_set_to_nothing_holds_no_key() {
    let client = Client::new(Settings {
        api_key: Some("".into()),
        ..settings("http://127.0.0.1:9")
    });
    assert_eq!(start(&client.unwrap()).await.trouble, Trouble::NoKey);
}

#[tokio::test]
async fn a_bad_key() {
    assert_snapshot!(looking(401, detail("Invalid API key")).await, @"GET /api/v2/tasks/t-1: Browser Use does not take the key (401 Unauthorized: Invalid API key): compare `cloud.api_key` with the keys at https://cloud.browser-use.com/settings?tab=api-keys");
    assert_snapshot!(starting(403, detail("Not authenticated")).await, @"POST /api/v1/run-task: Browser Use does not take the key (403 Forbidden: Not authenticated): compare `cloud.api_key` with the keys at https://cloud.browser-use.com/settings?tab=api-keys");
}

#[tokio::test]
async fn a_key_that_no_header_can_carry() {
    let client = Client::new(Settings {
        api_key: Some("k3y\nk3y".into()),
        ..settings("http://127.0.0.1:9")
    });
    assert_snapshot!(start(&client.unwrap()).await, @"POST /api/v1/run-task: Browser Use does not take the key (a line break or another character in it cannot be sent): compare `cloud.api_key` with the keys at https://cloud.browser-use.com/settings?tab=api-keys");
}

#[tokio::test]
async fn no_subscription() {
    let error = starting(403, detail("This endpoint requires an active subscription")).await;
    assert_snapshot!(error, @"POST /api/v1/run-task: Browser Use asks for an active subscription (403 Forbidden: This endpoint requires an active subscription): see https://cloud.browser-use.com/billing");
}

#[tokio::test]
async fn no_money() {
    let reached = json!({ "detail": {
        "code": "monthly_spend_limit", "message": "Monthly spend limit of 50 USD reached",
    } });
    assert_snapshot!(starting(402, reached).await, @"POST /api/v1/run-task: the balance or the spend limit is used up (402 Payment Required: Monthly spend limit of 50 USD reached): add credits or raise the limit at https://cloud.browser-use.com/billing");
    let empty = detail("Insufficient balance to run the task");
    assert_snapshot!(starting(400, empty).await, @"POST /api/v1/run-task: the balance or the spend limit is used up (400 Bad Request: Insufficient balance to run the task): add credits or raise the limit at https://cloud.browser-use.com/billing");
}

#[tokio::test]
async fn no_such_task() {
    assert_snapshot!(looking(404, detail("Task not found")).await, @"GET /api/v2/tasks/t-1: there is no such task (404 Not Found: Task not found): it was deleted, or another project or version of the API has it");
    let misshapen = json!({ "detail": [{
        "loc": ["path", "task_id"], "msg": "Input should be a valid UUID", "type": "uuid_parsing",
        "input": "t-1",
    }] });
    assert_snapshot!(looking(422, misshapen).await, @"GET /api/v2/tasks/t-1: there is no such task (422 Unprocessable Entity: task_id: Input should be a valid UUID): it was deleted, or another project or version of the API has it");
}

#[tokio::test]
async fn not_yet() {
    let too_early = detail("Media is only available for completed tasks");
    let answer = ResponseTemplate::new(400).set_body_json(too_early);
    let (_server, client) = answering(answer).await;
    assert_snapshot!(client.v1().media("t-1").await.unwrap_err(), @"GET /api/v1/task/t-1/media: not yet (400 Bad Request: Media is only available for completed tasks): ask again when the task has ended");
}

#[tokio::test]
async fn too_many_sessions() {
    let error = starting(429, detail("Too many concurrent active sessions")).await;
    assert_snapshot!(error, @"POST /api/v1/run-task: too many sessions run at once (429 Too Many Requests: Too many concurrent active sessions): wait until one ends, or stop one");
}

#[tokio::test]
async fn asked_too_often() {
    assert_snapshot!(looking(429, json!({})).await, @"GET /api/v2/tasks/t-1: Browser Use is asked too often (429 Too Many Requests): lower `cloud.rate`");
}

#[tokio::test]
async fn the_vendor_is_down() {
    assert_snapshot!(looking(500, detail("Failed to generate download URL")).await, @"GET /api/v2/tasks/t-1: Browser Use is down or cannot be reached (500 Internal Server Error: Failed to generate download URL): try again later");
    let page = ResponseTemplate::new(502).set_body_string("<html>Bad gateway</html>");
    let (_server, client) = answering(page).await;
    assert_snapshot!(client.v2().task("t-1").await.unwrap_err(), @"GET /api/v2/tasks/t-1: Browser Use is down or cannot be reached (502 Bad Gateway): try again later");
}

#[tokio::test]
async fn nobody_is_there() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let client = Client::new(settings(&format!("http://{address}"))).unwrap();
    let error = start(&client).await.to_string();
    assert_snapshot!(error.replace(&address.to_string(), "[address]"), @"POST /api/v1/run-task: Browser Use is down or cannot be reached (connection refused by [address]): try again later");
}

#[tokio::test]
async fn an_address_that_is_not_the_vendors() {
    assert_snapshot!(looking(404, detail("Not Found")).await, @"GET /api/v2/tasks/t-1: nothing is at this address (404 Not Found: Not Found): `cloud.base_url` is where the API is, as in https://api.browser-use.com");
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "https://other.test/");
    let (_server, client) = answering(elsewhere).await;
    assert_snapshot!(client.v2().task("t-1").await.unwrap_err(), @"GET /api/v2/tasks/t-1: nothing is at this address (302 Found): `cloud.base_url` is where the API is, as in https://api.browser-use.com");
}

#[tokio::test]
async fn another_tidings_that_does_not_pass_it_on() {
    let problem = json!({
        "type": "/problems/forbidden", "title": "forbidden", "status": 403,
        "detail": "this needs a token of scope `operate`, and yours has `read`",
    });
    assert_snapshot!(starting(403, problem).await, @"POST /api/v1/run-task: the Tidings at `cloud.base_url` does not pass this on (this needs a token of scope `operate`, and yours has `read`)");
}

#[tokio::test]
async fn refused_as_it_is() {
    let faults = json!({ "detail": [
        { "loc": ["body", "llm_model"], "msg": "Input should be 'gpt-4o'", "type": "enum" },
        { "loc": ["body", "allowed_domains", 0], "msg": "Input should be a string", "type": "t" },
    ] });
    assert_snapshot!(starting(422, faults).await, @"POST /api/v1/run-task: Browser Use refuses this (422 Unprocessable Entity: llm_model: Input should be 'gpt-4o'; allowed_domains.0: Input should be a string)");
    let busy = detail("Agent session already has a running task.");
    assert_snapshot!(starting(400, busy).await, @"POST /api/v1/run-task: Browser Use refuses this (400 Bad Request: Agent session already has a running task.)");
}
