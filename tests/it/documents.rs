//! What the manuals list is what there is.

use std::collections::BTreeSet;

use crate::harness::tree;

#[test]
fn every_field_of_the_log_is_in_its_manual() {
    let used: BTreeSet<String> = tree::files("src", "rs")
        .iter()
        .flat_map(|file| logged_fields(&file.text))
        .collect();
    let manual = tree::files("docs", "md")
        .into_iter()
        .find(|file| file.path == "docs/logging.md")
        .expect("the manual of the log");

    assert_eq!(
        listed_fields(&manual.text),
        used,
        "in the manual, and in src"
    );
}

#[test]
fn fields_are_told_from_values_and_messages() {
    let code = "
        warn!(
            event.id = %event.id,
            retry_in_ms = delay.as_millis(),
            error,
            \"Not now = later, {}\", event.id,
        );
        info!(\"Stopped\");
    ";
    let fields: Vec<_> = logged_fields(code).collect();
    assert_eq!(fields, ["event.id", "retry_in_ms", "error"]);
    let table = "| field | what |\n|---|---|\n| `a.b`, `c` | the letter `d` |\n\n| `e` | not |";
    assert_eq!(listed_fields(table), ["a.b", "c"].map(str::to_owned).into());
}

/// The names of the fields that code gives to the log: what stands before the message.
fn logged_fields(code: &str) -> impl Iterator<Item = String> {
    ["debug!(", "info!(", "warn!(", "error!("]
        .into_iter()
        .flat_map(|call| code.split(call).skip(1))
        .flat_map(|rest| rest.split('"').next().unwrap_or_default().split(','))
        .filter_map(|field| field.split(" = ").next())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
}

/// The first column of the manual's table of fields.
fn listed_fields(manual: &str) -> BTreeSet<String> {
    manual
        .lines()
        .skip_while(|line| !line.starts_with("| field "))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|row| row.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}
