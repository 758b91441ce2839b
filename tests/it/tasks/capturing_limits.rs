//! Files are kept within limits, from a vendor that does as it likes.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tidings::tasks::encoded;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;
use wiremock::matchers::path;

use crate::harness::receiver::Receiver;

/// How long after its end a task's files are fetched.
const SETTLED: SignedDuration = SignedDuration::from_secs(121);

/// The key that the receiver has.
const KEY: &str = "bu_k3y-0f-the-project";

/// A vendor with files, and a receiver that keeps them.
struct Vendor {
    api: MockServer,
    folder: TempDir,
    receiver: Receiver,
}

impl Vendor {
    /// A receiver with these keys in `[capture]`.
    async fn with(limits: &str) -> Self {
        let api = MockServer::start().await;
        let folder = TempDir::new().expect("a place");
        let receiver = Receiver::with(&format!(
            "[cloud]\nbase_url = \"{}\"\napi_key = \"{KEY}\"\nrate = \"1000/s\"\n\
             versions = [\"v2\"]\n[capture]\nfolder = \"{}\"\n{limits}",
            api.uri(),
            folder.path().display(),
        ))
        .await;
        Self {
            api,
            folder,
            receiver,
        }
    }

    /// It has a task with files of these names.
    async fn has(&self, task: &str, names: &[&str]) {
        let files = (1..).zip(names).map(|(number, name)| {
            let id = format!("{task}-{number}");
            json!({ "id": id, "fileName": name })
        });
        let files: Vec<Value> = files.collect();
        let at = encoded(task);
        for number in 1..=files.len() {
            let url = format!("{}/bucket/{at}-{number}", self.api.uri());
            let asked = format!("/api/v2/files/tasks/{at}/output-files/{at}-{number}");
            let told = ResponseTemplate::new(200).set_body_json(json!({ "downloadUrl": url }));
            self.answers(&asked, told).await;
        }
        let told = json!({
            "id": task, "status": "finished", "output": "done", "outputFiles": files,
            "steps": [],
        });
        let told = ResponseTemplate::new(200).set_body_json(told);
        self.answers(&format!("/api/v2/tasks/{at}"), told).await;
    }

    /// What opens the address of a file.
    async fn sends(&self, id: &str, answer: ResponseTemplate) {
        self.answers(&format!("/bucket/{id}"), answer).await;
    }

    async fn answers(&self, at: &str, answer: ResponseTemplate) {
        let mock = Mock::given(path(at)).respond_with(answer);
        mock.mount(&self.api).await;
    }

    /// The task ends, and its time comes.
    async fn ends(&self, task: &str) {
        self.receiver.hears(task, "finished").await;
        self.receiver.follow_all().await;
        self.receiver.clock.advance(SETTLED);
        self.receiver.captures().await;
    }

    /// What is told of the files of a task.
    async fn files(&self, task: &str) -> Value {
        let path = format!("/tasks/{task}/files");
        self.receiver.caller().finds(&path).await
    }

    /// Why each is not kept, by name.
    async fn reasons(&self, task: &str) -> String {
        let files = self.files(task).await;
        let files = files["data"].as_array().expect("a list").clone();
        let told = |file: &Value| {
            let why = file["not_kept"].as_str().unwrap_or("kept");
            format!("{}: {why}", file["name"].as_str().expect("a name"))
        };
        files.iter().map(told).collect::<Vec<_>>().join("\n")
    }
}

fn bytes(count: usize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(vec![7; count])
}

/// Every file below a folder, by its path from there.
fn below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("it is listed").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let rest = path.strip_prefix(folder).expect("it is below");
                found.push(rest.display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn what_goes_beyond_a_limit_is_told_and_not_kept() {
    let vendor = Vendor::with("max_file_bytes = 100\nmax_task_bytes = 250").await;
    let names = ["small", "large", "two", "just too much", "rest", "nothing"];
    vendor.has("t-1", &names).await;
    for (number, count) in (1..).zip([100, 101, 90, 61, 60, 1]) {
        vendor.sends(&format!("t-1-{number}"), bytes(count)).await;
    }
    vendor.ends("t-1").await;
    assert_snapshot!(vendor.reasons("t-1").await, @"
    small: kept
    large: it is larger than `capture.max_file_bytes`, 100 bytes
    two: kept
    just too much: with it more of the task would be kept than `capture.max_task_bytes`, 250 bytes
    rest: kept
    nothing: with it more of the task would be kept than `capture.max_task_bytes`, 250 bytes
    ");
    assert_eq!(below(vendor.folder.path()).len(), 3);
    let path = "/api/v1/tasks/t-1/output-files/large?download=true";
    let large = vendor.receiver.caller().gets(path).await;
    assert_eq!(
        (large.status, large.body.len()),
        (200, 101),
        "from the vendor"
    );
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_file_without_end_is_cut_off_at_its_limit() {
    let vendor = Vendor::with("max_file_bytes = 1000000").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}/file",
        listener.local_addr().expect("it is bound")
    );
    vendor
        .answers(
            "/api/v2/files/tasks/t-1/output-files/t-1-1",
            ResponseTemplate::new(200).set_body_json(json!({ "downloadUrl": url })),
        )
        .await;
    vendor.has("t-1", &["endless"]).await;
    let sends = async {
        let (mut stream, _) = listener.accept().await.expect("it is fetched");
        stream.read_u8().await.expect("it asks");
        let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        stream.write_all(head).await.expect("it listens");
        // It ends when nobody takes more.
        while stream.write_all(&[7; 8 * 1024]).await.is_ok() {}
    };
    tokio::join!(vendor.ends("t-1"), sends);
    assert_snapshot!(vendor.reasons("t-1").await, @"endless: it is larger than `capture.max_file_bytes`, 1000000 bytes");
    assert_eq!(below(vendor.folder.path()), [""; 0]);
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_full_folder_is_told_and_room_in_it_waited_for() {
    let vendor = Vendor::with("max_total_bytes = 150").await;
    for task in ["t-1", "t-2", "t-3"] {
        vendor.has(task, &["a"]).await;
        vendor.sends(&format!("{task}-1"), bytes(100)).await;
    }
    vendor.ends("t-1").await;
    vendor
        .receiver
        .log
        .expects("allows, 150 bytes: remove files that are no longer needed, or raise it");
    vendor.ends("t-2").await;
    vendor.ends("t-3").await;
    vendor.receiver.captures().await;
    assert_eq!(below(vendor.folder.path()).len(), 1);
    let told = vendor.files("t-2").await;
    assert_eq!(told["capture"]["state"], "due");

    fs::remove_dir_all(vendor.folder.path().join("2026-05-25")).expect("it is there");
    vendor.receiver.clock.advance(SignedDuration::from_hours(2));
    vendor.receiver.captures().await;
    assert_eq!(
        below(vendor.folder.path()).len(),
        1,
        "there was room for one"
    );
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn names_of_the_vendors_lead_nowhere_and_are_shown_as_they_are() {
    let vendor = Vendor::with("").await;
    let long = "x".repeat(300);
    let names = [
        "../../../etc/passwd",
        "/etc/passwd",
        "a/b\\c",
        "..",
        ".",
        "",
        "nul \0 \r\n ü",
        "same",
        "same",
        &long,
    ];
    vendor.has("../t 1", &names).await;
    for number in 1..=names.len() {
        let body = ResponseTemplate::new(200).set_body_string(format!("file {number}"));
        vendor.sends(&format!("..%2Ft%201-{number}"), body).await;
    }
    vendor.ends("../t 1").await;

    let found = below(vendor.folder.path());
    assert_eq!(found.len(), names.len(), "{found:#?}");
    for path in &found {
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(parts.len(), 3, "{path}");
        assert!(
            parts[1].starts_with("task-") && parts[2].starts_with("output-"),
            "{path}"
        );
    }
    let caller = vendor.receiver.caller();
    let told = caller.finds("/tasks/..%2Ft%201/files").await;
    let files = told["data"].as_array().expect("a list");
    for (number, (file, name)) in (1..).zip(files.iter().zip(names)) {
        assert_eq!(file["name"], name);
        let url = file["url"].as_str().expect("a link");
        let got = caller.with(None).gets(url).await;
        assert_eq!((got.status, got.text()), (200, format!("file {number}")));
    }
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn who_keeps_a_file_gets_no_key_and_sends_nobody_elsewhere() {
    let vendor = Vendor::with("").await;
    vendor.has("t-1", &["moved", "good"]).await;
    let elsewhere = format!("{}/elsewhere", vendor.api.uri());
    let moved = ResponseTemplate::new(302).insert_header("location", &*elsewhere);
    vendor.sends("t-1-1", moved).await;
    vendor.sends("t-1-2", bytes(5)).await;
    vendor.ends("t-1").await;

    assert_eq!(vendor.reasons("t-1").await, "good: kept\nmoved: kept");
    let told = vendor.files("t-1").await;
    assert_eq!(told["data"][1]["kept_at"], Value::Null);
    let why = told["capture"]["reason"].to_string();
    let peer = vendor.api.address().to_string();
    assert_snapshot!(why.replace(&peer, "PEER"), @r#""download of `moved`: Browser Use refuses this (302 Found from PEER)""#);
    for request in vendor.api.received_requests().await.expect("it records") {
        let at = request.url.path();
        assert_ne!(at, "/elsewhere");
        let has_key = format!("{:?}", request.headers).contains(KEY);
        assert_eq!(has_key, !at.starts_with("/bucket"), "{at}");
    }
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_and_tried_again() {
    let vendor = Vendor::with("").await;
    vendor.has("t-1", &["a"]).await;
    vendor.sends("t-1-1", bytes(5)).await;
    // A file stands where the folder of the day would be.
    let taken = vendor.folder.path().join("2026-05-25");
    fs::write(&taken, "mine").expect("the folder is ours");
    vendor
        .receiver
        .log
        .expects("the folder `capture.folder` cannot be written");
    vendor.ends("t-1").await;
    fs::remove_file(&taken).expect("it is there");
    vendor.receiver.clock.advance(SETTLED);
    vendor.receiver.captures().await;
    assert_eq!(below(vendor.folder.path()).len(), 1);
    vendor.receiver.stop_cleanly().await;
}

#[tokio::test]
async fn a_vendor_that_answers_nothing_of_use_keeps_nobody_busy() {
    let vendor = Vendor::with("").await;
    let odd = ResponseTemplate::new(200).set_body_string("no JSON");
    Mock::given(any())
        .respond_with(odd)
        .mount(&vendor.api)
        .await;
    vendor.ends("t-1").await;
    let told = vendor.files("t-1").await;
    assert_eq!(told["capture"]["failures"], 1);
    vendor.receiver.stop_cleanly().await;
}
