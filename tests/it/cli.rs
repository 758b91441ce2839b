//! The commands, as people and scripts use them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use clap::CommandFactory as _;
use serde_json::Value;
use tidings::cli::Cli;

use crate::harness::folder::Folder;

const SECRET: &str = "the-webhook-secret";

/// A free port, and a file sink.
const CONFIG: &str = r#"
[server]
listen = "127.0.0.1:0"

[[sink]]
name = "audit"
type = "file"
path = "events.jsonl"
"#;

/// The lines of JSON that a command printed.
fn json(printed: &str) -> Vec<Value> {
    printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

#[test]
fn from_nothing_to_a_delivered_event_by_commands_alone() {
    let folder = Folder::with(CONFIG);
    let server = folder.serve();
    let url = server.url.clone();
    let ask = |arguments: &[&str]| {
        let ended = folder.run(&[arguments, &["--server", &url, "--json"]].concat());
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        json(&ended.out)
    };
    assert_eq!(ask(&["health"])[0]["waiting_for"], "secret");

    let given = folder.run_with(&["secret", "set", "--server", &url], &format!("{SECRET}\n"));
    assert_eq!(given.code, Some(0), "{given:?}");
    assert_eq!(ask(&["health"])[0]["waiting_for"], Value::Null);

    let webhook = format!("{url}/webhook");
    let sent = folder.run(&[
        "send",
        "--url",
        &webhook,
        "--secret",
        SECRET,
        "--task-id",
        "task-1",
        "--status",
        "finished",
    ]);
    assert_eq!(sent.code, Some(0), "{sent:?}");

    let events = ask(&["events", "list", "--status", "finished", "--since", "1h"]);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["task_id"], "task-1");
    let id = events[0]["id"].as_str().unwrap();

    assert_eq!(ask(&["events", "show", id])[0]["id"], id);
    let raw = folder.run(&["events", "show", id, "--raw", "--server", &url]);
    let body: Value = serde_json::from_str(&raw.out).unwrap();
    assert_eq!(body["payload"]["task_id"], "task-1");
    assert_eq!(ask(&["events", "replay", id])[0]["replay"], true);
    let deliveries = ask(&["deliveries", "list", "--sink", "audit"]);
    assert_eq!(deliveries.len(), 2, "{deliveries:?}");

    let table = folder.run(&["events", "list", "--server", &url]);
    assert!(table.out.contains("task-1"), "{table:?}");
    assert!(!table.out.contains('\u{1b}'), "{table:?}");

    let said = server.stop();
    assert!(!said.contains(SECRET), "{said}");
    let delivered = fs::read_to_string(folder.path("events.jsonl")).unwrap();
    assert!(delivered.lines().count() >= 2, "{delivered}");
}

#[test]
fn many_are_counted_agreed_to_and_sent_once_more_by_commands_alone() {
    let folder = Folder::with(CONFIG);
    let server = folder.serve();
    let given = folder.run_with(&["secret", "set", "--server", &server.url], SECRET);
    assert_eq!(given.code, Some(0), "{given:?}");
    let webhook = format!("{}/webhook", server.url);
    let sent = folder.run(&[
        "send", "--url", &webhook, "--secret", SECRET, "--count", "30",
    ]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let ask = |arguments: &[&str]| folder.run(&[arguments, &["--server", &server.url]].concat());

    let counted = ask(&["events", "replay", "--all", "--dry-run", "--json"]);
    assert_eq!(json(&counted.out)[0]["owed"], 30, "{counted:?}");
    for unclear in [
        ["events", "replay"].as_slice(),
        &["events", "replay", "--all", "--since", "1d"],
        &["events", "replay", "evt_1", "--since", "1d"],
        &["events", "replay", "evt_1", "--dry-run"],
        &["deliveries", "retry"],
        // Nobody is there to agree.
        &["events", "replay", "--all"],
    ] {
        let refused = ask(unclear);
        assert_eq!(refused.code, Some(2), "{unclear:?}: {refused:?}");
    }
    assert_eq!(ask(&["replays", "list", "--json"]).out, "");

    let done = ask(&["events", "replay", "--all", "--yes", "--json"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let done = json(&done.out).remove(0);
    assert_eq!(
        (&done["state"], &done["delivered"]),
        (&"done".into(), &30.into())
    );
    let id = done["id"].as_str().unwrap();
    let watched = ask(&["replays", "show", id, "--wait", "--json"]);
    assert_eq!((watched.code, &json(&watched.out)[0]), (Some(0), &done));
    assert_eq!(ask(&["replays", "cancel", id]).code, Some(1), "it is done");
    let listed = ask(&["replays", "list"]);
    assert!(listed.out.contains(id), "{listed:?}");

    let none = ask(&["deliveries", "retry", "--sink", "audit"]);
    assert_eq!(
        (none.code, none.err.as_str()),
        (Some(0), "no dead letters found\n")
    );
    server.stop();
    let lines = fs::read_to_string(folder.path("events.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 60);
}

#[test]
fn the_first_start_makes_a_token_that_only_its_owner_can_read() {
    let folder = Folder::with(CONFIG);
    let said = folder.serve().stop();
    let token = fs::read_to_string(folder.path("admin-token")).unwrap();
    let mode = fs::metadata(folder.path("admin-token"))
        .unwrap()
        .permissions();

    assert_eq!(mode.mode() & 0o777, 0o600);
    assert!(said.contains("admin-token"), "{said}");
    assert!(!said.contains(token.trim()), "{said}");

    let said = folder.serve().stop();
    assert!(!said.contains("admin-token"), "{said}");
}

#[test]
fn tokens_are_made_and_revoked_with_and_without_a_server() {
    let folder = Folder::with(CONFIG);
    let made = folder.run(&[
        "token",
        "create",
        "--scope",
        "read",
        "--server",
        "http://127.0.0.1:1",
    ]);
    assert_eq!(
        made.code,
        Some(1),
        "a named server is not passed over: {made:?}"
    );

    let offline = Folder::with("server.listen = \"127.0.0.1:1\"");
    let made = offline.run(&[
        "token", "create", "--scope", "read", "--name", "ci", "--json",
    ]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let made = json(&made.out);
    assert_eq!(made[0]["scope"], "read");
    let id = made[0]["id"].as_str().unwrap();

    let revoked = offline.run(&["token", "revoke", id]);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    let listed = json(&offline.run(&["token", "list", "--json"]).out);
    assert_eq!(listed.len(), 1);
    assert_ne!(listed[0]["revoked_at"], Value::Null);
    assert_eq!(listed[0].get("token"), None);

    let server = folder.serve();
    let made = folder.run(&[
        "token",
        "create",
        "--scope",
        "read",
        "--server",
        &server.url,
    ]);
    let token = made.out.trim();
    let with =
        |token: &str| folder.run(&["events", "list", "--server", &server.url, "--token", token]);
    assert_eq!(with(token).code, Some(0), "{made:?}");
    let refused = with("nobody's");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("tidings token create"), "{refused:?}");
    let denied = folder.run(&["token", "list", "--server", &server.url, "--token", token]);
    assert_eq!(denied.code, Some(1));
    assert!(denied.err.contains("scope"), "{denied:?}");
}

#[test]
fn a_secret_can_be_given_before_the_first_start() {
    let folder = Folder::with("server.listen = \"127.0.0.1:1\"");
    let give = |endpoint: &str, secret: &str| {
        folder.run_with(&["secret", "set", "--endpoint", endpoint], secret)
    };
    assert_eq!(give("default", SECRET).code, Some(0));
    for (endpoint, secret, told) in [
        ("other", SECRET, "there is no endpoint `other`"),
        ("default", "\n", "the secret is empty"),
        ("default", "\"quoted\"", "a quote around it"),
    ] {
        let ended = give(endpoint, secret);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains(told), "{ended:?}");
    }

    fs::write(folder.path("tidings.toml"), CONFIG).unwrap();
    let server = folder.serve();
    let health = folder.run(&["health", "--server", &server.url, "--json"]);
    assert_eq!(json(&health.out)[0]["waiting_for"], Value::Null);
}

#[test]
fn a_port_in_use_is_told_with_the_key_to_change() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = Folder::with(&format!("server.listen = \"{address}\""));

    let ended = folder.run(&["serve"]);
    assert_eq!(ended.code, Some(1));
    let told = format!("cannot listen on {address}: another program listens there");
    assert!(ended.err.contains(&told), "{ended:?}");
    assert!(ended.err.contains("server.listen"), "{ended:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // Nobody can make files there, not even the superuser that tests may run as.
    let folder =
        Folder::with("server.listen = \"127.0.0.1:0\"\nstore.url = \"sqlite:/sys/tidings.db\"");
    let ended = folder.run(&["serve"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("/sys/tidings.db"), "{ended:?}");
    assert!(!ended.err.contains("panicked"), "{ended:?}");
}

#[test]
fn a_wrong_configuration_keeps_the_server_from_starting() {
    let folder = Folder::with("[server]\nlisen = \"127.0.0.1:0\"");
    for arguments in [
        ["serve"].as_slice(),
        &["config", "check"],
        &["events", "list"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}");
        assert!(ended.err.contains("did you mean `listen`?"), "{ended:?}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2_and_a_server_that_is_not_there_1() {
    let folder = Folder::with("server.listen = \"127.0.0.1:1\"");
    for arguments in [
        [].as_slice(),
        &["evnts"],
        &["token", "create", "--scope", "all"],
    ] {
        assert_eq!(folder.run(arguments).code, Some(2), "{arguments:?}");
    }
    for arguments in [
        ["health"].as_slice(),
        &["events", "list"],
        &["sinks", "list"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}");
        assert!(ended.err.contains("tidings serve"), "{ended:?}");
    }
}

#[test]
fn the_api_can_have_a_port_of_its_own() {
    let folder = Folder::with("[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"");
    let server = folder.serve();
    let admin = server.announces("The API is at ");

    let here = folder.run(&["events", "list", "--server", &admin]);
    assert_eq!(here.code, Some(0), "{here:?}");
    let there = folder.run(&["events", "list", "--server", &server.url]);
    assert_eq!(there.code, Some(1), "{there:?}");
    for url in [&admin, &server.url] {
        assert_eq!(folder.run(&["health", "--server", url]).code, Some(0));
    }
}

#[test]
fn the_printed_example_is_a_configuration() {
    let folder = Folder::new();
    let example = folder.run(&["config", "example"]).out;
    fs::write(folder.path("tidings.toml"), &example).unwrap();

    let checked = folder.run(&["config", "check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let shown = json(&folder.run(&["config", "show", "--json"]).out);
    let listen = shown
        .iter()
        .find(|row| row["key"] == "server.listen")
        .unwrap();
    let line = example
        .lines()
        .position(|line| line.starts_with("listen"))
        .unwrap()
        + 1;
    assert_eq!(listen["from"], format!("./tidings.toml:{line}"));
}

#[test]
fn the_shell_can_complete_every_command() {
    let script = Folder::new().run(&["completions", "bash"]).out;
    for command in Cli::command().get_subcommands() {
        assert!(
            script.contains(command.get_name()),
            "{}",
            command.get_name()
        );
    }
}

#[test]
fn every_command_explains_itself() {
    fn look(folder: &Folder, command: &clap::Command, path: &[&str], seen: &mut usize) {
        let help = folder.run(&[path, &["--help"]].concat());
        assert_eq!(help.code, Some(0), "{path:?}");
        let name = ["help", &path.join("_")].join("_");
        insta::assert_snapshot!(name, help.out);
        *seen += 1;
        for child in command.get_subcommands() {
            look(folder, child, &[path, &[child.get_name()]].concat(), seen);
        }
    }
    let folder = Folder::new();
    let mut seen = 0;
    for command in Cli::command().get_subcommands() {
        look(&folder, command, &[command.get_name()], &mut seen);
    }
    assert!(seen > 25, "{seen}");
}
