//! The configuration: what is taken, and what those are told whose file is not.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use tidings::config::Environment;
use tidings::config::Loaded;

/// The files in a folder of samples.
fn samples(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(Path::new("tests/data/config").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn load(toml: &str, variables: &[(&str, &str)]) -> Loaded {
    try_load(toml, variables).unwrap()
}

fn try_load(toml: &str, variables: &[(&str, &str)]) -> Result<Loaded, String> {
    let environment: Environment = variables
        .iter()
        .copied()
        .chain([("TIDINGS_CONFIG_TOML", toml)])
        .collect();
    Loaded::read(None, environment).map_err(|error| error.to_string())
}

/// What `config show` says of a key: its value, and where it came from.
fn shown(loaded: &Loaded, key: &str) -> (String, String) {
    let rows = loaded.shown();
    let row = rows
        .iter()
        .find(|row| row.key == key)
        .unwrap_or_else(|| panic!("{key} is not in {rows:#?}"));
    (row.value.clone(), row.origin.to_string())
}

#[test]
fn every_sample_of_a_right_configuration_is_taken() {
    let files = samples("valid");
    assert!(files.len() >= 4);
    for file in files {
        if let Err(error) = Loaded::read(Some(&file), Environment::default()) {
            panic!("{}: {error}", file.display());
        }
    }
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_do() {
    let files = samples("invalid");
    assert!(files.len() >= 20);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let error = Loaded::read(Some(&file), Environment::default()).expect_err(name);
        let said = error.to_string();
        assert!(!said.contains("do not print me"), "{said}");
        assert!(!said.contains("do-not-print-me"), "{said}");
        insta::assert_snapshot!(format!("config_{name}"), said);
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Loaded::read(Some(Path::new("nowhere.toml")), Environment::default());
    insta::assert_snapshot!(error.unwrap_err(), @"cannot read the configuration nowhere.toml");
}

#[test]
fn the_environment_is_on_top_of_the_file() {
    let loaded = load(
        "[server]\nlisten = \"127.0.0.1:1\"\n[store]\nurl = \"sqlite:a.db\"",
        &[("TIDINGS_LISTEN", "127.0.0.1:2")],
    );
    assert_eq!(loaded.config.server.listen.port(), 2);
    assert_eq!(
        shown(&loaded, "server.listen"),
        (
            "\"127.0.0.1:2\"".into(),
            "environment TIDINGS_LISTEN".into()
        )
    );
    assert_eq!(
        shown(&loaded, "store.url"),
        ("\"sqlite:a.db\"".into(), "TIDINGS_CONFIG_TOML:4".into())
    );
    assert_eq!(
        shown(&loaded, "server.max_body_bytes"),
        ("262144".into(), "default".into())
    );
}

#[test]
fn the_environment_alone_is_enough_for_a_container() {
    let loaded = load(
        "",
        &[
            ("TIDINGS_STORE_URL", "sqlite:/data/tidings.db"),
            ("BROWSER_USE_WEBHOOK_SECRET", "new"),
            ("BROWSER_USE_WEBHOOK_SECRET_2", "old"),
            ("TIDINGS_SINK_URL", "https://example.internal/hooks"),
            ("TIDINGS_SINK_SECRET", "whsec_c2VjcmV0"),
            ("TIDINGS_SINK_ALLOW_PRIVATE", "true"),
            ("TIDINGS_API_TOKEN", "a token"),
        ],
    );
    let config = &loaded.config;
    let secrets = &config.endpoints[0].secrets;
    let names: Vec<&str> = secrets.iter().map(|secret| &*secret.name).collect();
    assert_eq!(names, ["#1", "#2"]);
    assert_eq!(secrets[1].secret.expose(), "old");
    assert_eq!(config.sinks[0].common.name.as_str(), "default");
    assert_eq!(config.sinks[0].kind.as_str(), "http");
    assert!(config.sinks[0].reach.allow_private);
    assert_eq!(config.api_token.as_ref().unwrap().expose(), "a token");
}

#[test]
fn a_variable_for_a_sink_that_is_not_there_is_told() {
    for variable in ["TIDINGS_SINK_SECRET", "TIDINGS_SINK_ALLOW_PRIVATE"] {
        let error = try_load("", &[(variable, "true")]).map(drop).unwrap_err();
        assert!(
            error.contains(&format!("{variable} is set, but")),
            "{error}"
        );
    }
}

#[test]
fn a_switch_in_the_environment_is_true_or_false() {
    let set = |word| {
        let url = ("TIDINGS_SINK_URL", "https://example.internal/");
        try_load("", &[url, ("TIDINGS_SINK_ALLOW_PRIVATE", word)])
    };
    assert!(!set("false").unwrap().config.sinks[0].reach.allow_private);
    let loaded = set("true").unwrap();
    assert_eq!(
        shown(&loaded, "sink[0].allow_private"),
        (
            "true".into(),
            "environment TIDINGS_SINK_ALLOW_PRIVATE".into()
        )
    );
    insta::assert_snapshot!(set("yes").map(drop).unwrap_err(), @r#"
    the configuration is wrong
      TIDINGS_SINK_ALLOW_PRIVATE is neither "true" nor "false"
    "#);
}

#[test]
fn a_secret_that_the_file_refers_to_is_not_added_twice() {
    let file = r#"
        [[endpoint]]
        name = "other"
        path = "/other"
        secrets = [{ name = "2026-11", env = "BROWSER_USE_WEBHOOK_SECRET" }]
    "#;
    let loaded = load(file, &[("BROWSER_USE_WEBHOOK_SECRET", "s")]);
    let secrets = &loaded.config.endpoints[0].secrets;
    assert_eq!(secrets.len(), 1);
    assert_eq!(&*secrets[0].name, "2026-11");
}

#[test]
fn every_variable_may_be_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "from a file\n").unwrap();
    let path = path.to_str().unwrap();

    let loaded = load(
        "",
        &[
            ("BROWSER_USE_WEBHOOK_SECRET_FILE", path),
            ("TIDINGS_API_TOKEN_FILE", path),
        ],
    );
    let secret = &loaded.config.endpoints[0].secrets[0].secret;
    assert_eq!(secret.expose(), "from a file");
    let token = loaded.config.api_token.as_ref().unwrap();
    assert_eq!(token.expose(), "from a file");
    assert_eq!(
        shown(&loaded, "endpoint[0].secrets[0]"),
        (
            "[secret]".into(),
            "file named by environment BROWSER_USE_WEBHOOK_SECRET_FILE".into()
        )
    );
}

#[test]
fn no_secret_is_ever_shown() {
    let loaded = load(
        r#"
        [[endpoint]]
        secrets = ["hidden-1", { name = "b", value = "hidden-2" }]
        [cloud]
        api_key = "hidden-3"
        [[sink]]
        name = "backend"
        type = "http"
        url = "https://hidden-d:hidden-4@example.internal/?token=hidden-5"
        proxy = "http://hidden-e@proxy.internal"
        headers = { Authorization = "hidden-6" }
        signing_secrets = ["hidden-7"]
        [[sink]]
        name = "chat"
        type = "http"
        url = { env = "CHAT_URL" }
        [[sink]]
        name = "script"
        type = "command"
        program = "notify"
        args = ["--token", { env = "TOKEN" }]
        env = { PASSWORD = "hidden-a" }
        filter = { metadata = { env = "shown" } }
        [[sink]]
        name = "mail"
        type = "email"
        host = "smtp.example.com"
        username = "me"
        password = "hidden-c"
        from = "me@example.com"
        to = ["you@example.com"]
        [[sink]]
        name = "slack"
        type = "slack"
        webhook_url = "https://hooks.slack.com/services/T/B/hidden-e"
        [[sink]]
        name = "discord"
        type = "discord"
        webhook_url = "https://discord.com/api/webhooks/1/hidden-f"
        [[sink]]
        name = "teams"
        type = "teams"
        webhook_url = "https://a.example.com/workflows/hidden-g?sig=hidden-h"
        [[sink]]
        name = "pager"
        type = "pagerduty"
        routing_key = "hidden-d"
        [[sink]]
        name = "phone"
        type = "ntfy"
        topic = "hidden-i"
        token = "hidden-j"
        [[sink]]
        name = "telegram"
        type = "telegram"
        token = "1:hidden-k"
        chat_id = "@shown"
        "#,
        &[
            ("CHAT_URL", "https://chat.example.com/hidden-8"),
            ("TOKEN", "hidden-b"),
            ("TIDINGS_API_TOKEN", "hidden-9"),
            (
                "TIDINGS_STORE_URL",
                "postgres://me:hidden-0@localhost/tidings",
            ),
        ],
    );
    let rows = format!("{:#?}", loaded.shown());
    assert!(!rows.contains("hidden"), "{rows}");
    assert!(rows.contains("endpoint[0].secrets[1].value"), "{rows}");
    assert!(rows.contains("--token") && rows.contains("shown"), "{rows}");
    let all = format!("{loaded:#?}");
    for secret in [
        "hidden-1", "hidden-4", "hidden-5", "hidden-9", "hidden-d", "hidden-e",
    ] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn what_does_nothing_yet_and_what_looks_misspelt_is_remarked() {
    let loaded = load(
        "mode = \"poll\"\n[retention]\nevents = \"30d\"",
        &[("TIDINGS_LISTN", "x")],
    );
    assert_eq!(
        loaded.remarks(),
        [
            "has no effect yet in this version: retention.events",
            "TIDINGS_LISTN is no variable of ours: did you mean TIDINGS_LISTEN?",
        ]
    );
    assert_eq!(load("mode = \"webhook\"", &[]).remarks(), [""; 0]);
}

#[test]
fn a_file_and_a_text_at_once_are_refused() {
    let error = try_load("", &[]).map(drop);
    assert_eq!(error, Ok(()));
    let error = try_load("mode = \"poll\"", &[("TIDINGS_CONFIG", "a.toml")]).unwrap_err();
    insta::assert_snapshot!(error, @r"
    the configuration is wrong
      both TIDINGS_CONFIG and TIDINGS_CONFIG_TOML are set: keep one
    ");
}
