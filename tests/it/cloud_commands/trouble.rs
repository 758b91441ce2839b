//! What is wrong here, at the server, and at Browser Use, told apart.

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::harness::stage::Stage;

#[tokio::test]
async fn a_server_that_is_not_there_is_not_taken_for_browser_use_being_down() {
    let stage = Stage::of("cloud").await;
    let nowhere = ["--server", "http://127.0.0.1:1", "--token", "t"];
    let ended = stage
        .types(&[&["cloud", "balance"], &nowhere[..]].concat(), "")
        .await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = "no server answers at http://127.0.0.1:1/: start one with `tidings serve`";
    assert!(ended.err.contains(told), "{ended:?}");
    stage.leaves().await;
}

#[tokio::test]
async fn a_token_that_does_not_do_is_not_taken_for_the_key() {
    let stage = Stage::of("cloud").await;
    let reader = json!({ "scope": "read" });
    let made = stage.linked.receiver.caller();
    let made = made
        .calls(Method::POST, "/api/v1/tokens", &reader)
        .await
        .json();
    let reader = made["token"].as_str().unwrap();

    let server = stage.server();
    let with = async |arguments: &[&str], token: &[&str]| {
        let reached = ["--server", &server];
        let line = [&["cloud"], arguments, &reached, token].concat();
        let ended = stage.types(&line, "").await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.err.replace(&server, "http://server")
    };
    let told = [
        with(&["balance"], &[]).await,
        with(&["balance"], &["--token", "nobody's"]).await,
        with(&["ping"], &["--token", "nobody's"]).await,
        with(&["search", "milk"], &["--token", reader]).await,
    ];
    assert_snapshot!(told.concat(), @"
    error: http://server/ asks for a token: give --token or TIDINGS_API_TOKEN, or run this where the file `admin-token` beside its database can be read
    error: http://server/ does not know this token, or it has expired: `tidings token create` makes another
    error: http://server/ does not know this token, or it has expired: `tidings token create` makes another
    error: this token's scope does not reach that far: `tidings token create --scope` makes one that does (this needs a token of scope `operate`, and yours has `read`)
    ");
    let read = ["cloud", "balance", "--server", &server, "--token", reader];
    assert_eq!(stage.types(&read, "").await.code, Some(0));
    stage.leaves().await;
}

#[tokio::test]
async fn what_the_key_may_not_do_is_told_with_the_servers_name() {
    let mut told = Vec::new();
    for settings in ["", r#"api_key = "bad-key""#, r#"api_key = "no-balance""#] {
        let stage = Stage::with("cloud", settings).await;
        told.push(stage.complains(&["search", "milk"]).await);
        stage.leaves().await;
    }
    assert_snapshot!(told.concat(), @"
    error: through http://server: POST /api/v1/simple-search: there is no key: set `cloud.api_key`, or BROWSER_USE_API_KEY in the environment
    error: through http://server: POST /api/v1/simple-search: Browser Use does not take the key (401 Unauthorized: Invalid API key): compare `cloud.api_key` with the keys at https://cloud.browser-use.com/settings?tab=api-keys
    error: through http://server: POST /api/v1/simple-search: the balance or the spend limit is used up (402 Payment Required: Insufficient credits: your balance is zero.): add credits or raise the limit at https://cloud.browser-use.com/billing
    ");
}

#[tokio::test]
async fn a_cloud_that_is_down_is_asked_again_and_then_told() {
    let stage = Stage::of("cloud").await;
    let moody = json!({ "next": [503, 429], "retry_after": 0 });
    stage.linked.cloud.misbehaves(moody).await.is(200);
    assert_eq!(stage.runs(&["balance"]).await.code, Some(0));

    let down = json!({ "server_errors": 1 });
    stage.linked.cloud.misbehaves(down).await.is(200);
    assert_snapshot!(stage.complains(&["balance"]).await, @"
    error: through http://server: GET /api/v1/balance: Browser Use is down or cannot be reached (500 Internal Server Error: Internal Server Error): try again later
    ");
    stage.leaves().await;
}
