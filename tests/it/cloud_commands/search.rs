//! Searches.

use insta::assert_snapshot;

use crate::harness::stage::Stage;

const SEARCHES: [&str; 1] = ["POST /api/v1/simple-search"];
const READS: [&str; 1] = ["POST /api/v1/search-url"];

#[tokio::test]
async fn a_search_tells_what_each_site_says() {
    let mut stage = Stage::of("cloud").await;
    let line = ["search", "price of milk", "--sites", "2"];
    assert_snapshot!(stage.prints(&line, &SEARCHES).await, @"
    https://example.com/1
    What the website 1 has on: price of milk

    https://example.com/2
    What the website 2 has on: price of milk
    ");
    let line = ["search", "milk", "--sites", "2", "--depth", "3", "--json"];
    assert_snapshot!(stage.prints(&line, &SEARCHES).await, @r#"
    {"content":"What the website 1 has on: milk","url":"https://example.com/1"}
    {"content":"What the website 2 has on: milk","url":"https://example.com/2"}
    "#);
    stage.leaves().await;
}

#[tokio::test]
async fn one_site_can_be_read() {
    let mut stage = Stage::of("cloud").await;
    let line = ["search-url", "https://example.com", "opening hours"];
    assert_snapshot!(stage.prints(&line, &READS).await, @"
    https://example.com
    What https://example.com has on: opening hours
    ");
    stage.leaves().await;
}

#[tokio::test]
async fn an_option_counts_for_more_than_the_body() {
    let stage = Stage::of("cloud").await;
    let body = r#"{"query":"milk","max_websites":3,"depth":2}"#;
    let line = ["search", "--body", "-", "--sites", "1"];
    let ended = stage.runs_with(&line, body).await;
    assert_snapshot!(ended.out, @"
    https://example.com/1
    What the website 1 has on: milk
    ");
    std::fs::write(stage.desk.path("body.json"), body).unwrap();
    let line = ["search", "bread", "--body", "body.json", "--json"];
    let ended = stage.runs(&line).await;
    assert_eq!(ended.out.lines().count(), 3, "{ended:?}");
    assert!(ended.out.contains("bread"), "{ended:?}");
    stage.leaves().await;
}

#[tokio::test]
async fn what_is_outside_the_documented_limits_does_not_leave() {
    let mut stage = Stage::of("cloud").await;
    stage.linked.asked();
    let told = [
        stage.objects(&["search", "milk", "--depth", "6"]).await,
        stage.objects(&["search", "milk", "--sites", "11"]).await,
        stage.objects(&["search", ""]).await,
    ];
    assert_snapshot!(told.concat(), @"
    error: POST /api/v1/simple-search: `depth` is 6: it goes from 2 to 5
    error: POST /api/v1/simple-search: `max_websites` is 11: it goes from 1 to 10
    error: POST /api/v1/simple-search: `query` must be given
    ");
    assert_eq!(stage.linked.asked(), Vec::<String>::new());
    stage.leaves().await;
}

#[tokio::test]
async fn a_body_that_is_none_is_told_without_its_values() {
    let stage = Stage::of("cloud").await;
    let complaint = async |body: &str| {
        let ended = stage.runs_with(&["search", "--body", "-"], body).await;
        assert_ne!(ended.code, Some(0), "{ended:?}");
        ended.err
    };
    let told = [
        complaint("[]").await,
        complaint(r#"{"query":7}"#).await,
        complaint(r#"{"depth":2}"#).await,
    ];
    assert_snapshot!(told.concat(), @"
    error: the standard input is no JSON object
    error: `query` in the body has another value than documented
    error: missing field `query`: give it as an option, or in the body
    ");
    stage.leaves().await;
}
