//! The built program with sinks that have secrets, at the loudest level of its log: none is in anything
//! that it logged, answered, printed or kept, also where a service quotes it.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::process::Stdio;

use reqwest::Method;
use serde_json::Value;
use serde_json::json;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::Request;
use wiremock::ResponseTemplate;
use wiremock::matchers::any;

use crate::harness::caller::Caller;
use crate::harness::cloud::SECRET;
use crate::harness::folder::Folder;
use crate::harness::home::TOKEN;
use crate::harness::program::Program;

/// What is secret of each.
const KEY: &str = "N3verT3llAnybody0fThis1xP1ease00";

/// Each kind of sink with a secret, and where that stands: `AT` is its service.
const KINDS: [(&str, &str); 6] = [
    (
        "slack",
        "webhook_url = 'AT/services/T00000000/B00000000/KEY'",
    ),
    (
        "discord",
        "webhook_url = 'AT/api/webhooks/223704706495545344/KEY'",
    ),
    (
        "teams",
        "webhook_url = 'AT/workflows/0b1c/triggers/manual/paths/invoke?api-version=1&sig=KEY'",
    ),
    ("pagerduty", "url = 'AT/v2/enqueue'\nrouting_key = 'KEY'"),
    ("ntfy", "server = 'AT'\ntopic = 'KEY'\ntoken = 'tk_KEY'"),
    ("telegram", "api = 'AT'\nchat_id = 1\ntoken = '1:KEY'"),
];

/// A service that quotes the whole request that it does not take.
async fn gossip() -> MockServer {
    let server = MockServer::start().await;
    let quotes = |request: &Request| {
        let told = format!("cannot {} {} ({KEY})", request.method, request.url);
        ResponseTemplate::new(400).set_body_string(told)
    };
    Mock::given(any()).respond_with(quotes).mount(&server).await;
    server
}

/// A folder, what its commands are given, and everything that was said.
struct Run {
    folder: Folder,
    config: String,
    said: String,
}

impl Run {
    /// Two sinks of each kind: at a service that gossips, and where nobody listens.
    fn at(service: &str) -> Self {
        let mut config = "[server]\nlisten = \"127.0.0.1:0\"\n".to_owned();
        for (kind, settings) in KINDS {
            for (name, at) in [("told", service), ("gone", "http://127.0.0.1:1")] {
                let settings = settings.replace("AT", at).replace("KEY", KEY);
                write!(
                    config,
                    "[[sink]]\nname = \"{kind}-{name}\"\ntype = \"{kind}\"\nallow_private = true\n\
                     {settings}\n"
                )
                .unwrap();
            }
        }
        Self {
            folder: Folder::new(),
            config,
            said: String::new(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.command(arguments);
        command
            .env("TIDINGS_CONFIG_TOML", &self.config)
            .env("TIDINGS_LOG", "trace")
            .env("TIDINGS_API_TOKEN", TOKEN)
            .env("BROWSER_USE_WEBHOOK_SECRET", SECRET);
        command
    }

    /// Runs a command to its end, and keeps what it said.
    fn runs(&mut self, arguments: &[&str], server: Option<&str>) -> Option<i32> {
        let mut command = self.command(arguments);
        command.envs(server.map(|url| ("TIDINGS_URL", url)));
        let ended = command.stdout(Stdio::piped()).output().unwrap();
        for said in [&ended.stdout, &ended.stderr] {
            writeln!(
                self.said,
                "{arguments:?}: {}",
                String::from_utf8_lossy(said)
            )
            .unwrap();
        }
        ended.status.code()
    }

    /// Asks the API, and keeps the answer.
    async fn asks(&mut self, caller: &Caller, method: Method, path: &str) -> Value {
        let reply = caller.calls(method, path, &json!({})).await;
        writeln!(self.said, "{path}: {}", reply.text()).unwrap();
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }
}

/// Waits until each sink has failed at least once.
fn until_all_have_failed(server: &Program) {
    for (kind, _) in KINDS {
        for name in ["told", "gone"] {
            server.until_it_says(&format!("Sink `{kind}-{name}` "));
        }
    }
}

#[tokio::test]
async fn a_secret_address_is_told_nowhere() {
    let gossip = gossip().await;
    let mut run = Run::at(&gossip.uri());

    let server = Program::run(run.command(&["serve"]));
    server.hears("t-1", "finished").await;
    until_all_have_failed(&server);
    let caller = Caller::of(&server.url, TOKEN);
    for (kind, _) in KINDS {
        for name in [format!("{kind}-told"), format!("{kind}-gone")] {
            let sink = format!("/api/v1/sinks/{name}");
            run.asks(&caller, Method::GET, &sink).await;
            run.asks(&caller, Method::POST, &format!("{sink}/check"))
                .await;
            run.asks(&caller, Method::POST, &format!("{sink}/test"))
                .await;
            run.runs(&["sinks", "show", &name], Some(&server.url));
            let render = ["sinks", "render", &name, "--sample", "finished"];
            assert_eq!(
                run.runs(&render, Some(&server.url)),
                Some(0),
                "{}",
                run.said
            );
            run.runs(&["sinks", "test", &name], Some(&server.url));
        }
    }
    let deliveries = run.asks(&caller, Method::GET, "/api/v1/deliveries").await;
    for delivery in deliveries["data"].as_array().unwrap() {
        let id = delivery["id"].as_str().unwrap();
        run.asks(&caller, Method::GET, &format!("/api/v1/deliveries/{id}"))
            .await;
        run.runs(&["deliveries", "show", id], Some(&server.url));
    }
    for path in ["/api/v1/sinks", "/api/v1/events", "/metrics", "/readyz"] {
        run.asks(&caller, Method::GET, path).await;
    }
    run.runs(&["sinks", "list"], Some(&server.url));
    run.runs(&["deliveries", "list"], Some(&server.url));
    run.said += &server.stop();

    assert_eq!(
        run.runs(&["config", "check"], None),
        Some(0),
        "{}",
        run.said
    );
    run.runs(&["config", "show"], None);
    run.runs(&["doctor"], None);
    for (right, wrong) in [
        ("http://", "htp:/"),
        ("http://", "ftp://"),
        ("allow_private", "allow"),
    ] {
        let config = run.config.replace(right, wrong);
        let right = std::mem::replace(&mut run.config, config);
        assert_eq!(run.runs(&["config", "check"], None), Some(1), "{wrong}");
        assert_eq!(run.runs(&["serve"], None), Some(1), "{wrong}");
        run.config = right;
    }

    let said = &run.said;
    assert!(said.contains("TRACE"), "it was loud");
    assert!(
        said.contains("cannot POST") && said.contains("[secret]"),
        "it was quoted: {said}"
    );
    assert!(said.contains("webhook_url"), "the configuration was shown");
    assert!(said.contains("/[secret]"), "a message was shown: {said}");
    let mut all = said.clone().into_bytes();
    for entry in fs::read_dir(run.folder.path(".")).unwrap() {
        all.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(all.len() > said.len() + 64 * 1024, "the database was read");
    let (key, _) = KEY.as_bytes().split_at(10);
    let found = all.windows(key.len()).position(|part| part == key);
    let around = found.map(|at| String::from_utf8_lossy(&all[at.saturating_sub(300)..at + 30]));
    assert_eq!(around, None, "a secret address was told");
}
