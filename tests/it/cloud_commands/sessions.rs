//! Sessions of v3, looked at.

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

/// Makes a session in the cloud, and names it.
async fn made(stage: &Stage, task: &str) -> String {
    let asked = json!({ "task": task });
    let made = stage.linked.cloud.post("v3/sessions", asked).await;
    made.is(200)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sessions_are_listed_and_shown_with_what_they_came_to() {
    let mut stage = Stage::of("cloud").await;
    let good = made(&stage, "Find milk").await;
    stage.linked.passes(1).await;
    made(&stage, "simulate:fails").await;
    stage.linked.passes(12).await;

    let listed = ["sessions", "list"];
    let listed = stage.prints(&listed, &["GET /api/v3/sessions"]).await;
    assert!(listed.contains(&good), "{listed}");
    assert_snapshot!(words(&listed), @"
    ID STATUS SUCCESS CREATED TITLE
    error false simulate:fails
    stopped true Find milk
    ");

    let asks = [&*format!("GET /api/v3/sessions/{good}")];
    let shown = stage.tells(&["sessions", "show", &good], &asks).await;
    assert_eq!(shown["output"], "Done: Find milk");
    let shown = stage.prints(&["sessions", "show", &good], &asks).await;
    assert!(shown.contains("2026-05-25 09:00:00Z"), "{shown}");
    stage.leaves().await;
}

#[tokio::test]
async fn the_status_of_a_session_is_browser_uses_own_word() {
    let mut stage = Stage::of("cloud").await;
    let id = made(&stage, "simulate:endless").await;
    stage.linked.passes(3).await;

    let asks = [&*format!("GET /api/v3/sessions/{id}")];
    let line = ["sessions", "status", &id];
    assert_eq!(stage.prints(&line, &asks).await, "running\n");
    assert_eq!(
        stage.tells(&line, &asks).await,
        json!({ "status": "running" })
    );
    let nobody = "00000000-0000-0000-0000-000000000000";
    assert_snapshot!(stage.complains(&["sessions", "status", nobody]).await, @"error: through http://server: GET /api/v3/sessions/00000000-0000-0000-0000-000000000000: there is no such session (404 Not Found: Session not found): it was deleted, or another project or version of the API has it");
    stage.leaves().await;
}

#[tokio::test]
async fn many_sessions_are_read_page_by_page() {
    let mut stage = Stage::of("cloud").await;
    for number in 0..101 {
        made(&stage, &format!("task {number}")).await;
    }
    let asks = ["GET /api/v3/sessions"; 2];
    let line = ["sessions", "list", "--limit", "200", "--json"];
    let printed = stage.prints(&line, &asks).await;
    assert_eq!(printed.lines().count(), 101);
    stage.leaves().await;
}
