//! A whole run of the built program at the loudest level of its log: what is secret is in nothing
//! that it logged, answered or kept.

use std::fmt::Write as _;
use std::fs;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use tidings::access::Scope;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;
use wiremock::matchers::path;

use crate::harness::caller::Caller;
use crate::harness::cloud::SECRET;
use crate::harness::folder::Folder;
use crate::harness::home::TOKEN;
use crate::harness::program::Program;
use crate::harness::simulated::Simulated;
use crate::harness::sink::FakeSink;

const KEY: &str = "bu_k3y-0f-the-project";
const LOGIN: &str = "what-the-sink-knows-us-by";
const SINK_SECRET: &str = "whsec_c2VjcmV0LW9mLXRoZS1zaW5rLTEyMzQ1Njc4";
const PASSWORD: &str = "p4ssw0rd-of-the-task";
const COOKIE: &str = "c00kie-of-the-browser";
const WATCHED: &str = "l1ve-browser-of-the-task";
const SIGNED: &str = "s1gned-address-of-a-file";
const GUESSED: &str = "t0ken-that-opens-nothing";

/// A server's folder, and everything that it said.
struct Run {
    folder: Folder,
    sink_url: String,
    said: String,
}

impl Run {
    fn new(sink: &FakeSink) -> Self {
        Self {
            folder: Folder::new(),
            sink_url: sink.url().replace("://", &format!("://tidings:{LOGIN}@")),
            said: String::new(),
        }
    }

    /// Starts the server in front of this API.
    fn serve(&self, api: &str) -> Program {
        let config = format!(
            r#"
            [server]
            listen = "127.0.0.1:0"

            [cloud]
            base_url = "{api}"
            rate = "1000/s"
            versions = ["v2", "v1", "v3"]
            enrich_within = "5s"

            [[sink]]
            name = "backend"
            type = "http"
            url = "{}"
            allow_private = true
            signing_secrets = [{{ env = "SINK_SECRET" }}]
            enrich = "task"
            "#,
            self.sink_url
        );
        let mut command = self.folder.command(&["serve"]);
        command
            .env("TIDINGS_CONFIG_TOML", config)
            .env("TIDINGS_LOG", "trace")
            .env("TIDINGS_API_TOKEN", TOKEN)
            .env("BROWSER_USE_API_KEY", KEY)
            .env("BROWSER_USE_WEBHOOK_SECRET", SECRET)
            .env("SINK_SECRET", SINK_SECRET);
        Program::run(command)
    }

    /// Asks, and keeps the answer. Returns its JSON.
    async fn asks(&mut self, caller: &Caller, method: Method, path: &str, body: Value) -> Value {
        let reply = caller.calls(method, path, &body).await;
        writeln!(self.said, "{path}: {:?} {}", reply.headers, reply.text()).unwrap();
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    async fn gets(&mut self, caller: &Caller, path: &str) -> Value {
        self.asks(caller, Method::GET, path, Value::Null).await
    }

    /// Keeps what a sink got, too.
    fn hears_of(&mut self, sink: &FakeSink) {
        let got = sink.got();
        assert!(got[0].header("webhook-signature").is_some(), "{got:?}");
        writeln!(self.said, "{got:?}").unwrap();
    }

    /// Everything it said, and everything that is in its folder.
    fn everything(&self) -> Vec<u8> {
        let mut all = self.said.clone().into_bytes();
        for entry in fs::read_dir(self.folder.path(".")).expect("it is there") {
            all.extend(fs::read(entry.expect("it can be listed").path()).expect("a file"));
        }
        all
    }
}

/// Events come, tasks are run in every way, and not everybody may do what they ask for. Returns a
/// token that was made on the way, and the proof in a link that was sent.
async fn a_good_day(run: &mut Run, sink: &FakeSink) -> (String, String) {
    let cloud = Simulated::start().await;
    let late = SystemClock.now().duration_since(cloud.clock.now());
    cloud.clock.advance(late + SignedDuration::from_secs(1));
    let server = run.serve(cloud.url());
    cloud.tells(&server.webhook()).await;

    let caller = Caller::of(&server.url, TOKEN);
    let token = caller.makes_token(Scope::Operate, None).await;
    let task = json!({ "task": "Find milk", "secrets": { "shop": PASSWORD } });
    for (path, caller) in [
        ("/cloud/api/v1/run-task", &caller),
        ("/cloud/api/v2/tasks", &caller.with(Some(&token))),
        ("/api/v1/tasks", &caller),
    ] {
        let made = run.asks(caller, Method::POST, path, task.clone()).await;
        let id = made["id"].as_str().expect("it was started");
        let known = format!("/api/v1/tasks/{id}");
        run.gets(caller, &format!("{known}?fresh=true")).await;
        run.gets(caller, &format!("/cloud/api/v1/task/{id}")).await;
        run.gets(caller, &format!("/cloud/api/v2/tasks/{id}")).await;
        for order in ["pause", "resume", "stop"] {
            let path = format!("{known}/{order}");
            run.asks(caller, Method::POST, &path, Value::Null).await;
        }
        run.gets(caller, &format!("{known}/screenshots")).await;
    }
    for broken in [
        json!({ "secrets": PASSWORD }),
        json!({ "task": "", "secrets": { "shop": PASSWORD } }),
        json!({ "task": "Find milk", "secrets": { "shop": [PASSWORD] } }),
    ] {
        for path in ["/api/v1/tasks", "/cloud/api/v1/run-task"] {
            run.asks(&caller, Method::POST, path, broken.clone()).await;
        }
    }
    cloud.run_task("Find bread").await;
    cloud.passes(10).await;
    let forger = server.cloud().signs_with("guessed");
    forger.reports("t-1", "finished").await.refused(403);
    for guess in [None, Some(GUESSED)] {
        run.gets(&caller.with(guess), "/api/v1/events").await;
        run.gets(&caller.with(guess), "/cloud/api/v1/balance").await;
    }
    server.until_nothing_is_owed().await;
    let path = "/api/v1/sinks/backend/render";
    let sample = json!({ "sample": "finished" });
    let shown = run.asks(&caller, Method::POST, path, sample).await;
    assert_eq!(
        shown["rendering"]["headers"]["webhook-signature"],
        "[secret]"
    );
    let link = link(sink);
    run.gets(&caller.with(None), &link).await;
    assert!(run.said.contains("What came of: Find bread"), "{link}");
    // It was said where the test kept who asked what.
    let proof = link.split("grant=").nth(1).expect("a grant").to_owned();
    run.said = run.said.replace(&proof, "PROOF");
    for path in [
        "/api/v1/events",
        "/api/v1/deliveries",
        "/api/v1/tasks",
        "/api/v1/rejections",
        "/api/v1/sinks",
        "/api/v1/endpoints",
        "/api/v1/tokens",
        "/cloud/api/v1/balance",
        "/metrics",
        "/readyz",
    ] {
        run.gets(&caller, path).await;
    }
    run.said += &server.stop();
    (token, proof)
}

/// The link to a file that the sink was sent.
fn link(sink: &FakeSink) -> String {
    let got = sink.got().into_iter();
    let mut links = got.filter_map(|got| {
        let link = got.event["task"]["files"][0]["url"].as_str();
        link.map(str::to_owned)
    });
    links.next().expect("a task made a file")
}

/// What v1 gives away of a task and v3 of a session: what a browser kept, and the way into it.
fn given_away() -> [(&'static str, Value); 2] {
    let live = format!("https://live.test/{WATCHED}");
    let file = format!("https://files.test/?signature={SIGNED}");
    let task = json!({
        "id": "t-2", "status": "finished", "output": "milk", "browser_data": { "shop": COOKIE },
        "live_url": live, "public_share_url": null,
    });
    let session = json!({
        "id": "s-3", "status": "stopped", "output": "milk", "isTaskSuccessful": true,
        "liveUrl": live, "screenshotUrl": file, "recordingUrls": [file],
    });
    [("v1/task/t-2", task), ("v3/sessions/s-3", session)]
}

/// A vendor that takes no key, and quotes it each time; and that gives away what it should not.
async fn a_bad_day(run: &mut Run) {
    let api = MockServer::start().await;
    for (place, given) in given_away() {
        Mock::given(path(format!("/api/{place}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(given))
            .mount(&api)
            .await;
    }
    for unknown in ["v2/tasks/t-2", "v2/tasks/s-3", "v1/task/s-3"] {
        Mock::given(path(format!("/api/{unknown}")))
            .respond_with(ResponseTemplate::new(404).set_body_json(json!({ "detail": KEY })))
            .mount(&api)
            .await;
    }
    let quotes = ResponseTemplate::new(401)
        .insert_header("retry-after", KEY)
        .set_body_json(json!({ "detail": format!("Invalid API key {KEY}") }));
    Mock::given(any()).respond_with(quotes).mount(&api).await;
    let server = run.serve(&api.uri());

    let caller = Caller::of(&server.url, TOKEN);
    let task = json!({ "task": "Find milk", "secrets": { "shop": PASSWORD } });
    for path in [
        "/cloud/api/v1/run-task",
        "/cloud/api/v2/tasks",
        "/api/v1/tasks",
    ] {
        run.asks(&caller, Method::POST, path, task.clone()).await;
    }
    for id in ["t-2", "s-3"] {
        let asked = format!("/api/v1/tasks/{id}?fresh=true");
        let known = run.gets(&caller, &asked).await;
        assert_eq!(known["output"], "milk", "{known}");
    }
    server.hears("t-2", "finished").await;
    let ended = json!({
        "type": "session.status.update", "timestamp": "2026-11-23T08:00:00Z",
        "payload": { "session_id": "s-3", "status": "stopped" },
    });
    let cloud = server.cloud();
    cloud.posts(&ended.to_string()).await.accepted();
    server.until_nothing_is_owed().await;
    for path in [
        "/cloud/api/v1/me",
        "/cloud/api/v2/tasks/t-1",
        "/api/v1/tasks/t-1?fresh=true",
    ] {
        run.gets(&caller, path).await;
    }
    // These alone are answered with what is given away, as the vendor answers it.
    for (place, given) in given_away() {
        let reply = caller.gets(&format!("/cloud/api/{place}")).await;
        assert_eq!(reply.json(), given);
    }
    run.said += &server.stop();
}

#[tokio::test]
async fn nothing_secret_is_logged_answered_or_kept() {
    let sink = FakeSink::start().await;
    let mut run = Run::new(&sink);
    let (token, proof) = a_good_day(&mut run, &sink).await;
    a_bad_day(&mut run).await;
    for id in ["t-2", "s-3"] {
        let enriched = sink
            .got()
            .into_iter()
            .find(|got| got.event["task"]["id"] == id);
        let task = enriched.map(|got| got.event["task"]["output"].clone());
        assert_eq!(
            task,
            Some(json!("milk")),
            "the end of {id} came with the task"
        );
    }

    assert!(
        !run.said.contains(&proof),
        "a link was told to others than the sink"
    );
    run.hears_of(&sink);
    assert!(run.said.contains("TRACE"), "it was loud");
    assert!(run.said.contains("Invalid API key"), "the key was quoted");
    let all = run.everything();
    assert!(
        all.len() > run.said.len() + 64 * 1024,
        "the database was read"
    );
    for secret in [
        KEY,
        TOKEN,
        &token,
        SECRET,
        SINK_SECRET,
        LOGIN,
        PASSWORD,
        COOKIE,
        WATCHED,
        SIGNED,
        GUESSED,
    ] {
        let found = all
            .windows(secret.len())
            .position(|part| part == secret.as_bytes());
        let around = found.map(|at| {
            let part = &all[at.saturating_sub(300)..all.len().min(at + 100)];
            String::from_utf8_lossy(part).into_owned()
        });
        assert_eq!(around, None, "{secret} was found");
    }
}
