//! Files of ended tasks are kept, and had from us when the vendor has them no more.

use std::fs;

use insta::assert_snapshot;
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::ETAG;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;
use tempfile::TempDir;
use tidings::app::App;
use tidings::clock::SystemClock;
use tidings::config::Environment;
use tidings::config::Loaded;

use crate::harness::linked::Linked;
use crate::harness::stage::Stage;

/// How long after its end a task's files are fetched.
const SETTLED: SignedDuration = SignedDuration::from_secs(121);

/// Longer than the vendor keeps files.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Keys of `[cloud]` with which these versions are asked, and files are kept in a folder.
fn keeping(folder: &TempDir, versions: &str) -> String {
    let folder = folder.path().display();
    format!("api_key = \"a key\"\nversions = {versions}\n[capture]\nfolder = \"{folder}\"")
}

/// Begins a task, and lets it end.
async fn ended(linked: &Linked, path: &str) -> String {
    let made = linked.cloud.post(path, json!({ "task": "t" })).await;
    let id = made.body["id"].as_str().expect("an id").to_owned();
    linked.passes(12).await;
    id
}

/// The vendor answers nothing but errors, and long after.
async fn forgets(linked: &Linked) {
    linked
        .cloud
        .misbehaves(json!({ "server_errors": 1.0 }))
        .await;
    linked.cloud.clock.advance(FORGOTTEN);
}

/// How many files are in the folder, by its owner's eyes.
fn count(folder: &TempDir) -> usize {
    let days = fs::read_dir(folder.path()).expect("it is there");
    let below = |entry: fs::DirEntry| fs::read_dir(entry.path()).expect("a folder");
    let tasks = days.flat_map(|day| below(day.expect("it is listed")));
    tasks
        .map(|task| below(task.expect("it is listed")).count())
        .sum()
}

#[tokio::test]
async fn what_tasks_left_behind_is_had_from_us_when_the_vendor_has_it_no_more() {
    let folder = TempDir::new().expect("a place");
    let settings = keeping(&folder, r#"["v1", "v2", "v3"]"#);
    let mut linked = Linked::with(&settings).await;
    let ids = [
        ended(&linked, "v1/run-task").await,
        ended(&linked, "v2/tasks").await,
    ];
    let session = ended(&linked, "v3/sessions").await;
    linked.asked();
    linked.receiver.captures().await;
    assert_eq!(linked.asked(), [""; 0], "what comes late is waited for");
    linked.cloud.clock.advance(SETTLED);
    linked.receiver.captures().await;
    assert_eq!(count(&folder), 2 * 4 + 1);
    forgets(&linked).await;
    linked.asked();

    let caller = linked.receiver.caller();
    let text = "What came of: t\n";
    for id in &ids {
        let path = format!("/api/v1/tasks/{id}/output-files/result.txt");
        for query in ["", "?download=true"] {
            let file = caller.gets(&format!("{path}{query}")).await;
            assert_eq!((file.status, &*file.text()), (200, text), "{query}");
            assert_eq!(file.header("content-length"), "16");
            assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
            let disposition = file.header("content-disposition");
            assert_eq!(disposition, "attachment; filename*=UTF-8''result.txt");
        }
        let shots = caller.finds(&format!("/tasks/{id}/screenshots")).await;
        let shots = shots["screenshots"].as_array().expect("a list");
        assert_eq!(shots.len(), 3);
        let link = shots[2].as_str().expect("a link");
        let shot = caller.with(None).gets(link).await;
        assert_eq!(
            (shot.status, shot.header("content-type")),
            (200, "image/png")
        );
        assert!(shot.body.starts_with(b"\x89PNG"));
        assert_eq!(
            shot.header("content-disposition"),
            "inline; filename*=UTF-8''3.png"
        );
    }
    let shot = format!("/api/v1/tasks/{session}/screenshots/1");
    assert_eq!(caller.gets(&shot).await.status, 200);
    assert_eq!(linked.asked(), [""; 0], "the vendor was left alone");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_kept_file_has_its_checksum_and_is_not_sent_to_who_has_it() {
    let folder = TempDir::new().expect("a place");
    let linked = Linked::with(&keeping(&folder, r#"["v2"]"#)).await;
    let id = ended(&linked, "v2/tasks").await;
    let caller = linked.receiver.caller();
    let early = caller.finds(&format!("/tasks/{id}/files")).await;
    assert_eq!(
        early,
        json!({ "data": [], "next_cursor": null, "capture": null })
    );
    linked.cloud.clock.advance(SETTLED);
    linked.receiver.captures().await;

    let sum = hex::encode(Sha256::digest("What came of: t\n"));
    let path = format!("/api/v1/tasks/{id}/output-files/result.txt");
    let file = caller.gets(&path).await;
    let tag = format!("\"{sum}\"");
    assert_eq!(file.headers[ETAG], *tag);
    assert_snapshot!(file.header("repr-digest"), @"sha-256=:DBk0iwZav3SbARgdvlFgC7Qv0ZtWo8Yx/eV0jK5vO0E=:");
    for (tags, status) in [
        (tag.clone(), 304),
        (format!("\"other\", W/{tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        let headers = [("if-none-match", &*tags)];
        let reply = caller.sends(Method::GET, &path, &headers, "").await;
        assert_eq!(reply.status, status, "{tags}");
        assert_eq!(reply.body.is_empty(), status == 304);
        assert_eq!(reply.headers[ETAG], *tag);
    }

    let told = caller.finds(&format!("/tasks/{id}/files")).await;
    assert_eq!(told["capture"]["state"], "done");
    let files = told["data"].as_array().expect("a list");
    let kinds: Vec<&Value> = files.iter().map(|file| &file["kind"]).collect();
    assert_eq!(
        kinds,
        ["output_file", "screenshot", "screenshot", "screenshot"]
    );
    let file = &files[0];
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("result.txt"), &json!(16))
    );
    assert_eq!(
        (&file["sha256"], &file["not_kept"]),
        (&json!(sum), &Value::Null)
    );
    assert_eq!(file["kept_at"], "2026-05-25T09:02:13.000000Z");
    for file in files {
        let url = file["url"].as_str().expect("a link");
        assert_eq!(caller.with(None).gets(url).await.status, 200, "{url}");
    }
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_file_that_was_removed_is_had_from_the_vendor_as_ever() {
    let folder = TempDir::new().expect("a place");
    let linked = Linked::with(&keeping(&folder, r#"["v2"]"#)).await;
    let id = ended(&linked, "v2/tasks").await;
    linked.cloud.clock.advance(SETTLED);
    linked.receiver.captures().await;
    fs::remove_dir_all(folder.path().join("2026-05-25")).expect("it is there");

    let caller = linked.receiver.caller();
    let path = format!("/api/v1/tasks/{id}/output-files/result.txt");
    assert_eq!(caller.stays().gets(&path).await.status, 307);
    let shots = caller.finds(&format!("/tasks/{id}/screenshots")).await;
    let url = shots["screenshots"][0].as_str().expect("an address");
    assert!(url.starts_with(linked.cloud.url()), "{url}");
    let shot = caller
        .stays()
        .gets(&format!("/api/v1/tasks/{id}/screenshots/2"))
        .await;
    assert_eq!(shot.status, 307);
    let none = caller
        .gets(&format!("/api/v1/tasks/{id}/screenshots/4"))
        .await;
    assert_snapshot!(none.json()["detail"], @r#""there is no screenshot `4`: there are 3, counted from 1""#);
    let told = caller.finds(&format!("/tasks/{id}/files")).await;
    assert_eq!(told["data"][0]["kept_at"], Value::Null);
    assert_eq!(
        told["data"][0]["not_kept"],
        "it was removed from the folder"
    );
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_failed_is_tried_again_and_a_restart_goes_on_where_it_was() {
    let folder = TempDir::new().expect("a place");
    let linked = Linked::with(&keeping(&folder, r#"["v2"]"#)).await;
    let id = ended(&linked, "v2/tasks").await;
    linked.cloud.clock.advance(SETTLED);
    // The task and its screenshots are told, and then nothing: the one file has no address.
    let next = json!({ "next": [200, 200, 500] });
    linked.cloud.misbehaves(next).await;
    linked
        .receiver
        .log
        .expects("Files of ended tasks cannot be kept; trying again");
    linked.receiver.captures().await;
    assert_eq!(count(&folder), 0);
    let told = linked
        .receiver
        .caller()
        .finds(&format!("/tasks/{id}/files"))
        .await;
    let capture = &told["capture"];
    assert_eq!(
        (&capture["state"], &capture["failures"]),
        (&json!("due"), &json!(1))
    );
    assert_eq!(capture["due_at"], "2026-05-25T09:03:13.000000Z");
    assert_eq!(told["data"][0]["name"], "result.txt");

    let mut linked = linked.down_for(1).await;
    linked.asked();
    linked.receiver.captures().await;
    assert_eq!(linked.asked(), [""; 0], "its time has not come");
    linked.cloud.clock.advance(SignedDuration::from_secs(60));
    linked.receiver.captures().await;
    assert_eq!(count(&folder), 4);
    assert!(!linked.asked().is_empty());

    let mut linked = linked.down_for(1).await;
    linked.cloud.clock.advance(SETTLED);
    linked.asked();
    linked.receiver.captures().await;
    assert_eq!(linked.asked(), [""; 0], "all is there");
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn what_the_vendor_has_forgotten_is_given_up() {
    let folder = TempDir::new().expect("a place");
    let linked = Linked::with(&keeping(&folder, r#"["v2"]"#)).await;
    let id = ended(&linked, "v2/tasks").await;
    linked.receiver.hears("made-up", "finished").await;
    linked.receiver.follow_all().await;
    linked.cloud.clock.advance(SETTLED);
    linked.cloud.misbehaves(json!({ "next": [500] })).await;
    linked
        .receiver
        .log
        .expects("Files of ended tasks cannot be kept; trying again");
    // It would be so for the next task, too, which is left for the next time.
    linked.receiver.captures().await;
    linked.receiver.captures().await;
    let caller = linked.receiver.caller();
    let made_up = caller.finds("/tasks/made-up/files").await;
    assert_eq!(made_up["capture"]["state"], "lost", "nobody knows it");

    forgets(&linked).await;
    linked.receiver.log.expects("Browser Use has them no more");
    linked.receiver.captures().await;
    let told = caller.finds(&format!("/tasks/{id}/files")).await;
    let capture = &told["capture"];
    assert_eq!(
        (&capture["state"], &capture["due_at"]),
        (&json!("lost"), &Value::Null)
    );
    assert_snapshot!(capture["reason"].to_string().replace(&id, "ID"), @r#""GET /api/v2/tasks/ID: Browser Use is down or cannot be reached (500 Internal Server Error: Internal Server Error): try again later""#);
    linked.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn commands_have_what_is_kept_while_the_vendor_is_down() {
    let folder = TempDir::new().expect("a place");
    let stage = Stage::with("tasks", &keeping(&folder, r#"["v1", "v2"]"#)).await;
    let id = ended(&stage.linked, "v1/run-task").await;
    stage.linked.cloud.clock.advance(SETTLED);
    stage.linked.receiver.captures().await;
    forgets(&stage.linked).await;

    let printed = stage.runs(&["output-file", &id, "result.txt"]).await;
    assert_eq!(printed.out, "What came of: t\n", "{printed:?}");
    let shots = stage.runs(&["screenshots", &id]).await;
    assert_eq!(shots.out.lines().count(), 3, "{shots:?}");
    let begins = format!("{}/api/v1/tasks/{id}/screenshots/1?", stage.server());
    assert!(shots.out.starts_with(&begins), "{shots:?}");
    let files = stage.runs(&["files", &id]).await;
    assert_snapshot!(files.out, @r"
     KIND         NAME        SIZE  KEPT                  SHA-256                                                           NOT KEPT
     output_file  result.txt  16    2026-05-25 09:02:13Z  0c19348b065abf749b01181dbe51600bb42fd19b56a3c631fde5748cae6f3b41  -
     screenshot   1.png       67    2026-05-25 09:02:13Z  e43934e7c15de23bbbbe47012aa58f0931061666ff8e44a627c5e5777ba60baa  -
     screenshot   2.png       67    2026-05-25 09:02:13Z  e43934e7c15de23bbbbe47012aa58f0931061666ff8e44a627c5e5777ba60baa  -
     screenshot   3.png       67    2026-05-25 09:02:13Z  e43934e7c15de23bbbbe47012aa58f0931061666ff8e44a627c5e5777ba60baa  -
    ");
    stage.leaves().await;
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept_and_with_one_a_key_is_asked_for() {
    let linked = Linked::start().await;
    let id = ended(&linked, "v1/run-task").await;
    let told = linked
        .receiver
        .caller()
        .finds(&format!("/tasks/{id}/files"))
        .await;
    assert_eq!(told["capture"], Value::Null);
    linked.receiver.stop_cleanly().await;

    let folder = TempDir::new().expect("a place");
    let place = folder.path().display();
    let text = format!(
        "[store]\nurl = \"sqlite:{place}/tidings.db\"\n[capture]\nfolder = \"{place}/files\""
    );
    let environment: Environment = [("TIDINGS_CONFIG_TOML", &*text)].into_iter().collect();
    let config = Loaded::read(None, environment).expect("it is right").config;
    let refused = App::build(config, std::sync::Arc::new(SystemClock)).await;
    let why = refused.expect_err("it has no key").to_string();
    assert_snapshot!(why, @"files are kept (`capture.folder`) by asking the Cloud API for them, which needs a key: set BROWSER_USE_API_KEY, or `cloud.api_key` in the configuration");
}
