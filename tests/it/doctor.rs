//! `tidings doctor`, with the built program in a folder of its own.

use std::io::BufRead as _;
use std::io::BufReader;
use std::net::TcpListener;
use std::process::Stdio;

use reqwest::StatusCode;
use serde_json::Value;
use wiremock::MockServer;

use crate::harness::cloud::client;
use crate::harness::folder::Ended;
use crate::harness::folder::Folder;
use crate::harness::program::Program;

/// What one check found.
#[derive(Debug)]
struct Finding {
    check: String,
    state: String,
    found: String,
}

/// The findings of a run.
#[derive(Debug)]
struct Findings {
    code: Option<i32>,
    all: Vec<Finding>,
}

impl Findings {
    fn of(ended: &Ended) -> Self {
        let all = ended.out.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("each line is JSON");
            let text = |key: &str| line[key].as_str().expect("a text").to_owned();
            let advised = line["advice"].is_string();
            assert_eq!(
                advised,
                line["state"] != "ok",
                "advice where it is needed: {line}"
            );
            Finding {
                check: text("check"),
                state: text("state"),
                found: text("found"),
            }
        });
        Self {
            code: ended.code,
            all: all.collect(),
        }
    }

    /// Holds that a check ended so, with a finding that has these words in it.
    #[track_caller]
    fn has(&self, check: &str, state: &str, words: &str) {
        let there = self.all.iter().any(|finding| {
            finding.check == check && finding.state == state && finding.found.contains(words)
        });
        assert!(there, "no {state} of `{check}` with `{words}`: {self:#?}");
    }

    /// Holds that nothing else was a problem.
    #[track_caller]
    fn has_problems_in(&self, checks: &[&str]) {
        let problems = self.all.iter().filter(|finding| finding.state == "problem");
        let found: Vec<&str> = problems.map(|finding| finding.check.as_str()).collect();
        assert_eq!(found, checks, "{self:#?}");
        assert_eq!(self.code, Some(i32::from(!checks.is_empty())), "{self:#?}");
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it has one").port()
}

fn config(port: u16) -> String {
    format!(
        r#"
        [server]
        listen = "127.0.0.1:{port}"

        [[sink]]
        name = "audit"
        type = "file"
        path = "events.jsonl"
        "#
    )
}

fn doctor(folder: &Folder) -> Findings {
    Findings::of(&folder.run(&["doctor", "--json"]))
}

async fn ping(server: &Program) {
    let ping = r#"{"type":"test","timestamp":"2026-11-23T10:00:00Z","payload":{"test":"ok"}}"#;
    let request = client().post(server.webhook()).body(ping);
    let response = request.send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::OK);
}

#[test]
fn before_the_first_start_nothing_is_wrong_and_what_comes_next_is_told() {
    let folder = Folder::with(&config(free_port()));
    let findings = doctor(&folder);

    findings.has("configuration", "ok", "tidings.toml");
    findings.has("server", "ok", "none runs");
    findings.has("database", "ok", "the first start makes it");
    findings.has("secret", "warning", "has none");
    findings.has("sink", "ok", "`audit` could take an event now");
    findings.has_problems_in(&[]);
    assert!(!folder.path("tidings.db").exists(), "it only looks");
}

#[tokio::test]
async fn a_running_server_is_asked_and_its_sinks_are_left_to_it() {
    let folder = Folder::with(&config(free_port()));
    let server = folder.serve();
    let given = folder.run_with(&["secret", "set"], "the-webhook-secret");
    assert_eq!(given.code, Some(0), "{given:?}");
    ping(&server).await;

    let findings = doctor(&folder);
    findings.has("server", "ok", "is ready");
    findings.has("clock", "ok", "at the server too");
    findings.has("database", "ok", "the running server has it open");
    findings.has("secret", "ok", "the server has `set`");
    findings.has("sink", "ok", "`audit` could take an event now");
    findings.has("ping", "ok", "endpoint `default` came");
    findings.has_problems_in(&[]);
    server.stop();

    // Without the server, the database says the same.
    let findings = doctor(&folder);
    findings.has("database", "ok", "nobody has it open");
    findings.has("secret", "ok", "`set` of endpoint `default` is spelled");
    findings.has("ping", "ok", "endpoint `default` came");
    findings.has_problems_in(&[]);
}

#[test]
fn where_files_are_kept_and_how_they_are_linked_is_looked_at() {
    let files = |server: &str, more: &str| {
        let folder = Folder::with(&format!(
            r#"
            [server]
            listen = "127.0.0.1:{}"
            {server}
            [[sink]]
            name = "audit"
            type = "file"
            path = "events.jsonl"
            enrich = "task"
            {more}
            "#,
            free_port()
        ));
        std::fs::write(folder.path("taken"), "a file").expect("the folder is ours");
        doctor(&folder)
    };
    let kept = files("", "[capture]\nfolder = \"kept/files\"");
    kept.has("files", "warning", "no key for the Cloud API");
    kept.has("files", "ok", "they can be kept in kept/files");
    kept.has("files", "warning", "so `audit` get no whole links");
    kept.has_problems_in(&[]);

    let taken = files("", "[capture]\nfolder = \"taken/files\"");
    taken.has("files", "problem", "nothing can be written in taken/files");
    taken.has_problems_in(&["files"]);

    let known = files("public_url = \"https://hooks.example.com\"", "");
    assert!(!known.all.iter().any(|finding| finding.check == "files"));
}

#[tokio::test]
async fn it_waits_until_the_ping_arrives() {
    let folder = Folder::with(&config(free_port()));
    let server = folder.serve();
    let mut waiting = folder.command(&["doctor", "--wait-for-ping", "--json"]);
    let mut waiting = waiting.stdout(Stdio::piped()).spawn().expect("it starts");
    let said = BufReader::new(waiting.stderr.take().expect("it is piped"));
    let first = said.lines().next().expect("it says that it waits");
    assert!(
        first
            .expect("it is text")
            .starts_with("Waiting for the test ping")
    );

    ping(&server).await;
    let output = waiting.wait_with_output().expect("it is ours");
    let out = String::from_utf8(output.stdout).expect("it prints text");
    let last: Value = serde_json::from_str(out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["found"], "one came for endpoint `default`");
    assert!(output.status.success());
    server.stop();
}

#[test]
fn waiting_without_a_server_is_a_problem() {
    let folder = Folder::with(&config(free_port()));
    let findings = Findings::of(&folder.run(&["doctor", "--wait-for-ping", "--json"]));
    findings.has("ping", "problem", "no server to ask");
    findings.has_problems_in(&["ping"]);
}

#[test]
fn a_broken_configuration_is_the_only_thing_told() {
    let folder = Folder::with("[server]\nlistn = \"127.0.0.1:8080\"\n");
    let findings = doctor(&folder);
    findings.has("configuration", "problem", "did you mean `listen`?");
    assert_eq!(findings.all.len(), 1);
    findings.has_problems_in(&["configuration"]);
}

#[tokio::test]
async fn a_port_that_another_program_has_is_a_problem() {
    // It answers 404 to everything.
    let stranger = MockServer::start().await;
    let folder = Folder::with(&config(stranger.address().port()));
    let findings = doctor(&folder);
    findings.has("server", "problem", "is no Tidings");
    findings.has_problems_in(&["server"]);
}

#[test]
fn secrets_that_were_copied_badly_are_found() {
    let folder = Folder::with(&format!(
        "[[endpoint]]\nsecrets = ['\"quoted\"', \"line\\n\", \"whsec_of-another\"]\n{}",
        config(free_port())
    ));
    let findings = doctor(&folder);
    findings.has(
        "secret",
        "problem",
        "`#1` of endpoint `default` has a blank or a quote",
    );
    findings.has(
        "secret",
        "problem",
        "`#2` of endpoint `default` has a line break",
    );
    findings.has(
        "secret",
        "warning",
        "`#3` of endpoint `default` begins with `whsec_`",
    );
    findings.has_problems_in(&["secret", "secret"]);
}

#[test]
fn a_sink_that_cannot_take_anything_is_a_problem() {
    let folder = Folder::with(&format!(
        r#"
        [server]
        listen = "127.0.0.1:{}"

        [[sink]]
        name = "backend"
        type = "http"
        url = "http://127.0.0.1:{}/hook"
        allow_private = true
        "#,
        free_port(),
        free_port()
    ));
    let findings = doctor(&folder);
    findings.has(
        "sink",
        "problem",
        "`backend` could not take an event now: no connection",
    );
    findings.has_problems_in(&["sink"]);
}

#[test]
fn a_database_that_cannot_be_used_is_a_problem() {
    let folder = Folder::with(&config(free_port()));
    std::fs::write(folder.path("tidings.db"), "something else").expect("the folder is ours");
    let findings = doctor(&folder);
    findings.has("database", "problem", "no database of Tidings");
    findings.has_problems_in(&["database"]);
}

#[test]
fn a_folder_that_is_not_there_is_a_problem() {
    let config = config(free_port()) + "\n[store]\nurl = \"sqlite:missing/tidings.db\"\n";
    let folder = Folder::with(&config);
    let findings = doctor(&folder);
    findings.has("database", "problem", "nothing can be written in missing");
    findings.has_problems_in(&["database"]);
}

#[test]
fn people_get_a_line_for_each_check() {
    let folder = Folder::with(&config(free_port()));
    let ended = folder.run(&["doctor"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let line = ended.out.lines().find(|line| line.contains("secret"));
    assert_eq!(
        line,
        Some(
            "warning  secret         endpoint `default` has none, and takes nothing but the test \
             ping: register the webhook at Browser Use, then run `tidings secret set` and paste \
             the secret that it shows"
        )
    );
}
