//! The manual's tables of calls, `docs/cloud-api.md`.

use clap::CommandFactory as _;
use tidings::cli::Cli;

use crate::harness::tree;

/// A call as the manual lists it: `GET /api/v1/task/{task_id}`, and what its row says of it.
pub(super) struct Row {
    pub(super) call: String,
    method: String,
    command: String,
    gateway: String,
    tests: String,
}

/// Every call that the manual lists.
pub(super) fn rows() -> Vec<Row> {
    let manual = tree::files("docs", "md");
    let manual = manual
        .iter()
        .find(|file| file.path.ends_with("cloud-api.md"));
    let lines = manual.expect("the manual is there").text.lines();
    lines.filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [_, call, method, command, gateway, tests, _] = cells[..] else {
        return None;
    };
    let call = call.strip_prefix('`')?.strip_suffix('`')?;
    call.contains(" /api/").then(|| Row {
        call: call.to_owned(),
        method: method.to_owned(),
        command: command.to_owned(),
        gateway: gateway.to_owned(),
        tests: tests.to_owned(),
    })
}

/// Whether there is a test of this name: `cloud_commands::account::a_key_is_good_or_it_is_not`.
fn is_there(name: &str) -> bool {
    let Some((module, function)) = name.rsplit_once("::") else {
        return false;
    };
    let place = format!("tests/it/{}", module.replace("::", "/"));
    let places = [format!("{place}.rs"), format!("{place}/mod.rs")];
    let declared = format!("fn {function}(");
    tree::files("tests/it", "rs")
        .iter()
        .any(|file| places.contains(&file.path) && file.text.contains(&declared))
}

/// What stands in a cell between backquotes.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_call_has_a_test_that_is_there() {
    let rows = rows();
    assert!(rows.len() > 30, "the manual was not read");
    for Row { call, tests, .. } in &rows {
        assert!(names(tests).next().is_some(), "{call} has no test");
        for name in names(tests) {
            assert!(is_there(name), "{call}: there is no test {name}");
        }
    }
    assert!(!is_there("cloud::manual::nobody_wrote_this"));
}

#[test]
fn no_row_has_an_empty_place() {
    for row in rows() {
        for cell in [&row.method, &row.command, &row.gateway] {
            assert!(names(cell).next().is_some(), "{}: {cell}", row.call);
        }
        let path = row.call.split(' ').next_back().unwrap_or_default();
        assert_eq!(row.gateway, format!("`/cloud{path}`"));
    }
}

#[test]
fn every_command_in_the_manual_can_be_typed() {
    for Row { call, command, .. } in rows() {
        for line in names(&command) {
            let mut known = Cli::command();
            for word in line.split(' ').skip(1).filter(|word| is_a_command(word)) {
                let next = known.find_subcommand(word).cloned();
                known = next.unwrap_or_else(|| panic!("{call}: `{line}` has no `{word}`"));
            }
            assert!(!known.has_subcommands(), "{call}: `{line}` is not whole");
        }
    }
}

/// Whether a word names a command, and not an option, its value or what is to be given.
fn is_a_command(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
}
