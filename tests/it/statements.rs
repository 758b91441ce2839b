//! How the store words what it asks of SQLite, held by reading it.

use crate::harness::tree;

/// SQLite plans by the value of a bare `limit ?`, and prepares the statement anew whenever it is
/// bound.
#[test]
fn no_statement_is_planned_by_its_limit() {
    for file in tree::files("src/store/sqlite", "rs") {
        let code = file.text.lines().enumerate();
        for (index, line) in code.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let words = line.replace("limit ? + 0", "");
            let line = index + 1;
            assert!(!words.contains("limit ?"), "{}:{line}", file.path);
        }
    }
}
