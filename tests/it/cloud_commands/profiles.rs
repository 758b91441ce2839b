//! Browser profiles.

use insta::assert_snapshot;

use crate::harness::folder::words;
use crate::harness::stage::Stage;

#[tokio::test]
async fn a_profile_is_made_listed_shown_changed_and_deleted() {
    let mut stage = Stage::of("cloud").await;
    let line = [
        "profiles",
        "create",
        "shop",
        "--proxy",
        "de",
        "--viewport",
        "640x480",
        "--persist=false",
    ];
    let made = stage
        .prints(&line, &["POST /api/v1/browser-profiles"])
        .await;
    let id = made.trim();

    let asks = ["GET /api/v1/browser-profiles"];
    let listed = stage.prints(&["profiles", "list"], &asks).await;
    assert!(listed.contains(id), "{listed}");
    assert_snapshot!(words(&listed), @"
    ID NAME KEEPS DATA AD BLOCKER PROXY DESCRIPTION
    shop false true de
    ");

    let one = format!("/api/v1/browser-profiles/{id}");
    let get = format!("GET {one}");
    let shown = stage.tells(&["profiles", "show", id], &[&get]).await;
    assert_eq!(shown["browser_viewport_width"], 640);
    let shown = stage.prints(&["profiles", "show", id], &[&get]).await;
    assert_snapshot!(words(&shown), @"
    profile_id
    profile_name shop
    ad_blocker true
    browser_viewport_height 480
    browser_viewport_width 640
    description
    persist false
    proxy true
    proxy_country_code de
    ");

    let line = [
        "profiles", "update", id, "--name", "the shop", "--proxy", "none",
    ];
    let changed = stage.tells(&line, &[&format!("PUT {one}")]).await;
    assert_eq!(changed["profile_name"], "the shop");
    assert_eq!(changed["proxy"], false);
    assert_eq!(changed["persist"], false);

    let line = ["profiles", "delete", id];
    stage.prints(&line, &[&format!("DELETE {one}")]).await;
    let gone = stage.complains(&["profiles", "show", id]).await;
    assert_snapshot!(gone.replace(id, "ID"), @"
    error: through http://server: GET /api/v1/browser-profiles/ID: there is no such profile (404 Not Found: Browser profile not found): it was deleted, or another project or version of the API has it
    ");
    let nothing = stage.objects(&["profiles", "update", id]).await;
    assert_snapshot!(nothing, @"error: there is nothing to change: give an option, or --body");
    stage.leaves().await;
}
