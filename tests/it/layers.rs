//! Who may know whom, held by reading the paths that the code in `src` names. ARCHITECTURE.md says
//! why. Code under `#[cfg(test)]` may know everybody.

use std::collections::BTreeSet;

use crate::harness::tree;

/// Each module knows nobody, so everybody may know it.
const WORDS: &[&str] = &[
    "access",
    "canonical",
    "causes",
    "clock",
    "delivery",
    "event",
    "id",
    "keyring",
    "name",
    "outgoing",
    "period",
    "rate",
    "rejection",
    "replay",
    "routing",
    "samples",
    "secret",
    "signing",
    "task",
    "template",
    "tls",
];

/// Every other module, and whom it may know beside the words.
const MAY_KNOW: &[(&str, &[&str])] = &[
    // The road.
    ("ingest", &["store", "http", "shutdown"]),
    ("store", &[]),
    ("dispatch", &["store", "sinks", "shutdown"]),
    ("replays", &["store", "shutdown"]),
    ("sinks", &[]),
    // Knowledge about tasks.
    ("cloud", &[]),
    ("tasks", &["cloud", "store", "shutdown"]),
    // The doors.
    (
        "api",
        &[
            "cloud", "store", "replays", "sinks", "ingest", "tasks", "http", "shutdown",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "cloud",
            "config",
            "http",
            "ingest",
            "open_files",
            "shutdown",
            "simulator",
            "store",
            "telemetry",
        ],
    ),
    ("simulator", &["http", "shutdown"]),
    // The frame. `config` knows the settings that each part takes.
    ("config", &["dispatch", "sinks", "telemetry"]),
    ("http", &["shutdown"]),
    ("open_files", &[]),
    ("shutdown", &[]),
    ("telemetry", &[]),
    (
        "app",
        &[
            "api",
            "cloud",
            "config",
            "dispatch",
            "http",
            "ingest",
            "replays",
            "shutdown",
            "sinks",
            "store",
            "tasks",
            "telemetry",
        ],
    ),
    ("main", &["cli"]),
];

/// Crates, and the modules they stay in.
const FENCES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("axum", &["api", "http", "ingest", "simulator"]),
    (
        "reqwest",
        &["cli", "cloud", "outgoing", "simulator", "sinks"],
    ),
    ("clap", &["cli"]),
    ("minijinja", &["template"]),
    ("std::env", &["config"]),
];

#[test]
fn every_module_knows_only_whom_it_may_know() {
    let broken: Vec<String> = tree::files("src", "rs")
        .iter()
        .flat_map(|file| violations(&file.path, &file.text))
        .collect();

    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_module_has_its_place_in_the_rules() {
    let found: BTreeSet<String> = tree::files("src", "rs")
        .iter()
        .map(|file| module(&file.path).to_owned())
        .filter(|module| module != "lib")
        .collect();
    let listed: BTreeSet<String> = WORDS
        .iter()
        .copied()
        .chain(MAY_KNOW.iter().map(|(module, _)| *module))
        .map(str::to_owned)
        .collect();

    assert_eq!(found, listed, "found in src, and ruled here");
}

#[test]
fn these_rules_would_notice() {
    let notices = |path, text| !violations(path, text).is_empty();

    assert!(notices(
        "src/event/facts.rs",
        "use crate::store::StoreError;"
    ));
    assert!(notices(
        "src/sinks/http.rs",
        "let all = crate::dispatch::Dispatcher::new();"
    ));
    assert!(notices("src/ingest/mod.rs", "use sqlx::SqlitePool;"));
    assert!(notices("src/app.rs", "#[derive(clap::Parser)]"));
    assert!(notices("src/telemetry.rs", "use std::env;"));

    assert!(!notices("src/event/facts.rs", "use crate::name::SinkName;"));
    assert!(!notices(
        "src/event/facts.rs",
        "// As crate::store::StoreError does, without sqlx::Error."
    ));
    assert!(!notices(
        "src/event/facts.rs",
        "#[cfg(test)]\nmod tests {\n    use crate::store::Append;"
    ));
    assert!(!notices("src/store/sqlite/mod.rs", "use sqlx::SqlitePool;"));
}

/// What the file at `path` names and must not.
fn violations(path: &str, text: &str) -> Vec<String> {
    let own = module(path);
    let mut found = Vec::new();

    for (index, line) in production(text) {
        for other in mentioned_modules(line) {
            if !may_know(own, other) {
                found.push(format!("{path}:{index}: `{own}` may not know `{other}`"));
            }
        }
        for (name, homes) in FENCES {
            if names_path(line, name) && !homes.contains(&own) {
                found.push(format!(
                    "{path}:{index}: `{name}` belongs to {}",
                    homes.join(", ")
                ));
            }
        }
    }
    found
}

/// The top module a file belongs to: `ingest` for `src/ingest/mod.rs`, `http` for `src/http.rs`.
fn module(path: &str) -> &str {
    let below = path.strip_prefix("src/").unwrap_or(path);
    let first = below.split('/').next().unwrap_or(below);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn may_know(own: &str, other: &str) -> bool {
    let listed = MAY_KNOW.iter().find(|(module, _)| *module == own);
    own == other
        || own == "lib"
        || WORDS.contains(&other)
        || listed.is_some_and(|(_, known)| known.contains(&other))
}

/// The numbered lines that ship: no comments, and nothing from the tests at a file's foot on.
fn production(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The modules a line reaches by `crate::`, or, in the binary, by the library's name.
fn mentioned_modules(line: &str) -> impl Iterator<Item = &str> {
    ["crate::", "tidings::"].into_iter().flat_map(move |root| {
        line.match_indices(root).map(move |(at, _)| {
            let rest = line.get(at + root.len()..).unwrap_or_default();
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
        })
    })
}

/// Whether a line names a path that begins with `name`.
fn names_path(line: &str, name: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().chars().next_back();
        let after = line.get(at + name.len()..).unwrap_or_default();
        !before.is_some_and(part_of_a_name) && (after.starts_with("::") || after.starts_with(';'))
    })
}
