//! The manual's tables of calls, `docs/cloud-api.md`.

use crate::harness::tree;

/// A call as the manual lists it: `GET /api/v1/task/{task_id}`, and what its row says of it.
pub(super) struct Row {
    pub(super) call: String,
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
    let [_, call, .., tests, _] = cells[..] else {
        return None;
    };
    let call = call.strip_prefix('`')?.strip_suffix('`')?;
    call.contains(" /api/").then(|| Row {
        call: call.to_owned(),
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

#[test]
fn every_test_that_the_manual_names_is_there() {
    let rows = rows();
    let named: Vec<&str> = rows
        .iter()
        .flat_map(|row| row.tests.split('`').skip(1).step_by(2))
        .filter(|name| name.contains("::"))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let lost: Vec<_> = named.iter().filter(|name| !is_there(name)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(!is_there("cloud::manual::nobody_wrote_this"));
}
