//! What a mail says as HTML. Mail programs know few of its words, and styles only where they are
//! used.

use super::OUTPUT_LIMIT;
use super::text::foot;
use crate::sinks::markup::html as escaped;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Mood;
use crate::sinks::note::Note;
use crate::template::cut;

/// The mail as HTML.
pub(super) fn html(note: &Note) -> String {
    let mut body = title(note);
    body.extend(note.text.as_deref().map(paragraph));
    body.extend(note.trouble.as_deref().map(paragraph));
    body.extend(note.output.as_deref().map(output));
    body.extend(some(&note.facts, "table", row));
    body.extend(some(&note.files, "ul", item));
    format!(
        "<!doctype html>\n<html><body style=\"font-family: sans-serif\">\n{body}\
         <p style=\"color: #71717a; font-size: 12px\">{}</p>\n</body></html>\n",
        escaped(&foot(note))
    )
}

fn title(note: &Note) -> String {
    let colour = match note.mood {
        Mood::Good => "#16a34a",
        Mood::Bad => "#dc2626",
        Mood::Warning => "#d97706",
        Mood::Plain => "#2563eb",
    };
    format!(
        "<h2 style=\"border-left: 6px solid {colour}; padding-left: 12px\">{}</h2>\n",
        escaped(&note.title)
    )
}

fn paragraph(text: &str) -> String {
    format!("<p style=\"white-space: pre-wrap\">{}</p>\n", escaped(text))
}

fn output(text: &str) -> String {
    format!(
        "<pre style=\"white-space: pre-wrap; background: #f4f4f5; padding: 12px\">{}</pre>\n",
        escaped(&cut(text, OUTPUT_LIMIT))
    )
}

/// Some items in an element of their own. None if there are none.
fn some<T>(items: &[T], element: &str, one: fn(&T) -> String) -> Option<String> {
    let inside: String = items.iter().map(one).collect();
    (!items.is_empty()).then(|| format!("<{element}>\n{inside}</{element}>\n"))
}

fn row(Fact { name, value }: &Fact) -> String {
    format!(
        "<tr><td style=\"color: #71717a; padding-right: 12px\">{}</td><td>{}</td></tr>\n",
        escaped(name),
        escaped(value)
    )
}

fn item(file: &File) -> String {
    let name = escaped(&file.name);
    match &file.url {
        Some(url) => format!("<li><a href=\"{}\">{name}</a></li>\n", escaped(url)),
        None => format!("<li>{name}</li>\n"),
    }
}
