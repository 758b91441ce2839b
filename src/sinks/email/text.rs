//! What a mail says as text.

use super::OUTPUT_LIMIT;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Note;
use crate::template::cut;

/// The mail as text.
pub(super) fn text(note: &Note) -> String {
    let mut blocks = vec![note.title.clone()];
    blocks.extend(note.text.clone());
    blocks.extend(note.trouble.clone());
    blocks.extend(
        note.output
            .as_deref()
            .map(|output| cut(output, OUTPUT_LIMIT).into_owned()),
    );
    blocks.extend(block(&facts(&note.facts)));
    blocks.extend(block(&note.files.iter().map(file).collect::<Vec<_>>()));
    // What stands below such a line is the foot of a mail, and mail programs show it so.
    blocks.push(format!("-- \n{}", foot(note)));
    blocks.join("\n\n") + "\n"
}

/// Where a mail comes from.
pub(super) fn foot(note: &Note) -> String {
    format!("Tidings, event {} of {}", note.id, note.when())
}

/// Lines as one block. None if there are none.
fn block(lines: &[String]) -> Option<String> {
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A column of names, and one of what they are.
fn facts(facts: &[Fact]) -> Vec<String> {
    let widths = facts.iter().map(|fact| fact.name.chars().count());
    let width = widths.max().unwrap_or_default();
    let line = |Fact { name, value }: &Fact| format!("{name:width$}  {value}");
    facts.iter().map(line).collect()
}

fn file(file: &File) -> String {
    match &file.url {
        Some(url) => format!("{}: {url}", file.name),
        None => file.name.clone(),
    }
}
