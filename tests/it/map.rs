//! What the documents say about the tree is true: paths exist, links lead somewhere, files are
//! as short as promised.

use std::path::Path;

use crate::harness::tree;
use crate::harness::tree::SourceFile;

#[test]
fn every_path_in_the_architecture_exists() {
    let paths: Vec<String> = tree::files("", "md")
        .iter()
        .filter(|file| file.path == "ARCHITECTURE.md")
        .flat_map(|file| named_paths(&file.text))
        .collect();
    let lost: Vec<&String> = paths
        .iter()
        .filter(|path| !tree::root().join(path).exists())
        .collect();

    assert!(paths.len() > 30, "the map was not read: {paths:?}");
    assert!(
        lost.is_empty(),
        "ARCHITECTURE.md names what is not there: {lost:?}"
    );
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let documents = tree::files("", "md");
    let lost: Vec<String> = documents
        .iter()
        .flat_map(|document| dead_links(document, &documents))
        .collect();

    assert!(documents.len() > 5, "the documents were not found");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn every_decision_stands_in_the_list_of_decisions() {
    let decisions = tree::files("docs/adr", "md");
    let (list, pages): (Vec<&SourceFile>, Vec<&SourceFile>) = decisions
        .iter()
        .partition(|page| page.path.ends_with("README.md"));
    let listed: Vec<&str> = list
        .iter()
        .flat_map(|list| link_targets(&list.text))
        .collect();
    let names: Vec<&str> = pages
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/adr/"))
        .collect();

    assert_eq!(listed, names);
}

#[test]
fn nine_of_ten_source_files_are_under_three_hundred_lines() {
    let sources = tree::files("src", "rs");
    let long: Vec<(&str, usize)> = sources
        .iter()
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .filter(|(_, lines)| *lines >= 300)
        .collect();

    assert!(
        long.len() * 10 <= sources.len(),
        "too many long files: {long:?}"
    );
}

#[test]
fn these_checks_would_notice() {
    let map =
        "| signatures | `src/ingest/signature.rs` |\n\n    docs/lost.md   nothing\n\n`a_name`";
    assert_eq!(
        named_paths(map),
        ["src/ingest/signature.rs", "docs/lost.md"]
    );

    let document = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let all = [
        document("README.md", "# Top\n\n## The promise, kept\n"),
        document(
            "docs/good.md",
            "[a](../README.md#the-promise-kept) [b](https://example.org)",
        ),
        document(
            "docs/bad.md",
            "[a](../LOST.md) [b](../README.md#lost) [c](#lost)",
        ),
    ];
    assert!(dead_links(&all[1], &all).is_empty());
    assert_eq!(dead_links(&all[2], &all).len(), 3);
}

/// The paths that a text names: in backticks, or first on an indented line, and with a folder or
/// an extension that gives them away.
fn named_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(drawn) = line.strip_prefix("    ") {
            found.extend(drawn.split_whitespace().next());
        } else {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found.retain(|word| is_path(word));
    found.into_iter().map(str::to_owned).collect()
}

fn is_path(word: &str) -> bool {
    let extension = Path::new(word).extension().and_then(|found| found.to_str());
    let top = [
        "src/",
        "tests/",
        "docs/",
        "scripts/",
        "migrations/",
        ".ci/",
        ".config/",
    ];
    let spelled = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    word.chars().all(spelled)
        && (top.iter().any(|folder| word.starts_with(folder))
            || matches!(extension, Some("rs" | "md" | "toml" | "sql")))
}

/// The links of a document that lead to no file, or to no heading in it.
fn dead_links(document: &SourceFile, all: &[SourceFile]) -> Vec<String> {
    let folder = Path::new(&document.path).parent().unwrap_or(Path::new(""));

    link_targets(&document.text)
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter(|target| {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() {
                document.path.clone()
            } else {
                normal(&folder.join(file))
            };
            let linked = all.iter().find(|other| other.path == path);
            let exists = linked.is_some() || tree::root().join(&path).exists();
            let has_heading =
                || linked.is_some_and(|other| headings(&other.text).any(|h| h == heading));
            !exists || !(heading.is_empty() || has_heading())
        })
        .map(|target| format!("{}: {target}", document.path))
        .collect()
}

/// What stands in the round brackets of `[text](target)`, outside of code.
fn link_targets(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines()
        .filter(move |line| {
            fenced ^= line.starts_with("```");
            !fenced && !line.starts_with("    ")
        })
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split([')', ' ']).next())
}

/// A path without `..`, with forward slashes.
fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.iter().map(|part| part.to_string_lossy().into_owned()) {
        match part.as_str() {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a document's headings, as GitHub makes them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}
