//! The manual of conditions and templates: its examples are true, and what it
//! lists is there.

use std::fs;

use serde_json::Value;
use tidings::template::Context;
use tidings::template::Expression;
use tidings::template::Template;

fn manual() -> String {
    fs::read_to_string("docs/templates.md").unwrap()
}

/// The event that the manual shows.
fn event(manual: &str) -> Context {
    let (_, rest) = manual.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    let event: Value = serde_json::from_str(json).unwrap();
    Context::of(&event).unwrap()
}

/// The two columns of the table whose first column has this head, without the code's quotes.
fn table(manual: &str, head: &str) -> Vec<(String, String)> {
    let rows: Vec<_> = manual
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {head} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(columns)
        .collect();
    assert!(rows.len() > 8, "the table `{head}` is there");
    rows
}

/// A bar within a column is written `\|`.
fn columns(row: &str) -> (String, String) {
    let row = row.replace("\\|", "\u{0}");
    let mut columns = row.split('|').skip(1).map(|column| {
        let column = column.trim_start().strip_suffix(' ').unwrap_or(column);
        let plain = column
            .strip_prefix('`')
            .and_then(|column| column.strip_suffix('`'));
        plain.unwrap_or(column).replace('\u{0}', "|")
    });
    (columns.next().unwrap(), columns.next().unwrap())
}

#[test]
fn every_condition_of_the_manual_is_what_it_says() {
    let manual = manual();
    let event = event(&manual);
    for (source, expected) in table(&manual, "condition") {
        let condition: Expression = source.parse().unwrap();
        let holds = condition.holds(&event).unwrap();
        assert_eq!(holds.to_string(), expected, "{source}");
    }
}

#[test]
fn every_template_of_the_manual_prints_what_it_says() {
    let manual = manual();
    let event = event(&manual);
    for (source, expected) in table(&manual, "template") {
        let template: Template = source.parse().unwrap();
        assert_eq!(template.render(&event).unwrap(), expected, "{source}");
    }
}

/// The words in code between two phrases of the manual.
fn words<'a>(manual: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    let (_, rest) = manual.split_once(from).unwrap();
    let (part, _) = rest.split_once(to).unwrap();
    part.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_filter_test_and_function_of_the_manual_is_there() {
    let manual = manual();
    let event = event(&manual);
    let filters = words(&manual, "Of Jinja's own", "Tests:");
    assert!(filters.len() > 40);
    let known = |source: String| {
        let template: Template = source.parse().unwrap();
        match template.render(&event) {
            Ok(_) => true,
            Err(error) => !error.to_string().contains("unknown"),
        }
    };
    for filter in filters {
        assert!(known(format!("{{{{ '1' | {filter} }}}}")), "{filter}");
    }
    for test in words(&manual, "Tests:", "Functions:") {
        let source = format!("{{{{ [1] | select('{test}') | list }}}}");
        assert!(known(source), "{test}");
    }
    for function in words(&manual, "Functions:", "\n\n") {
        assert!(known(format!("{{{{ {function}() }}}}")), "{function}");
    }
    assert!(!known("{{ 1 | nosuch }}".to_owned()));
    assert!(!known("{{ [1] | select('nosuch') | list }}".to_owned()));
    assert!(!known("{{ nosuch() }}".to_owned()));
}
