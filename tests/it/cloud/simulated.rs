//! The client against the simulated cloud itself, for the calls that nothing else makes.

use serde_json::json;
use tidings::cloud::Client;
use tidings::cloud::v3;
use tidings::cloud::v4;

use super::settings;
use crate::harness::simulated::Simulated;

#[tokio::test]
async fn sessions_of_v3_are_listed_page_by_page() {
    let cloud = Simulated::start().await;
    let client = Client::new(settings(cloud.url())).unwrap();
    for number in 0..3 {
        let task = json!({ "task": format!("task {number}") });
        cloud.post("v3/sessions", task).await;
    }
    let mut seen = Vec::new();
    for page in 1..=2 {
        let list = v3::ListSessions {
            page: Some(page),
            page_size: Some(2),
        };
        let page = client.v3().sessions(list).await.unwrap();
        assert_eq!(page.total, Some(3));
        seen.extend(page.sessions.into_iter().map(|session| session.id));
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let one = client.v3().session(&seen[0]).await.unwrap();
    let status = client.v3().session_status(&one.id).await.unwrap();
    assert_eq!(status, one.status);
}

#[tokio::test]
async fn runs_of_v4_are_listed_from_cursor_to_cursor() {
    let cloud = Simulated::start().await;
    let client = Client::new(settings(cloud.url())).unwrap();
    for number in 0..3 {
        let task = json!({ "task": format!("task {number}") });
        cloud.post("v4/runs", task).await;
    }
    let mut seen = Vec::new();
    let mut list = v4::ListRuns {
        limit: Some(2),
        ..v4::ListRuns::default()
    };
    loop {
        let page = client.v4().runs(&list).await.unwrap();
        seen.extend(page.runs.into_iter().map(|run| run.id));
        list.cursor = page.next_cursor;
        if page.has_more != Some(true) {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let one = client.v4().run(&seen[0]).await.unwrap();
    let status = client.v4().run_status(&one.id).await.unwrap();
    assert_eq!(status, one.status);
}
