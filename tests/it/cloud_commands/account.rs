//! The account behind the server's key.

use serde_json::json;

use crate::harness::stage::Stage;

#[tokio::test]
async fn the_balance_is_told_in_dollars_and_to_programs_as_it_is() {
    let mut stage = Stage::of("cloud").await;
    let asks = ["GET /api/v1/balance"];
    let told = stage.prints(&["balance"], &asks).await;
    let exact = stage.tells(&["balance"], &asks).await;

    let cents: u32 = exact["balance"].as_str().unwrap().parse().unwrap();
    assert_eq!(told, format!("{}.{:02} USD\n", cents / 100, cents % 100));
    stage.leaves().await;
}

#[tokio::test]
async fn a_key_is_good_or_it_is_not() {
    let mut stage = Stage::of("cloud").await;
    let asks = ["GET /api/v1/me"];
    let told = stage.prints(&["me"], &asks).await;
    assert_eq!(told, "Browser Use takes the server's key\n");
    let told = stage.tells(&["me"], &asks).await;
    assert_eq!(told, json!({ "key_is_good": true }));
    stage.leaves().await;

    let stage = Stage::with("cloud", r#"api_key = "bad-key""#).await;
    let ended = stage.runs(&["me"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.out, "Browser Use does not take the server's key\n");
    stage.leaves().await;
}

#[tokio::test]
async fn whether_browser_use_is_there_can_be_asked() {
    let mut stage = Stage::of("cloud").await;
    let asks = ["GET /api/v1/ping"];
    let told = stage.prints(&["ping"], &asks).await;
    assert!(told.starts_with("Browser Use answers, after "), "{told}");
    assert!(stage.tells(&["ping"], &asks).await["duration_ms"].is_u64());
    stage.leaves().await;
}
