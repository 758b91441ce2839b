//! What a chat is sent: HTML as Telegram knows it, within 4,096 characters.
//!
//! Telegram counts what is left when its tags are read. Here all of it is counted, in units of
//! UTF-16, which is never less; and texts are cut before their tags stand around them, so no tag and
//! no escape is ever cut in two.

use crate::sinks::blocks::Blocks;
use crate::sinks::markup::escaped_within;
use crate::sinks::markup::lines_within;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Mood;
use crate::sinks::note::Note;
use crate::template::Length;

/// How long a message may be.
pub(super) const MESSAGE_LIMIT: usize = 4096;

/// What each part may take of it: a title, a wish or a trouble, all facts, all files.
const TITLE_LIMIT: Length = Length::Utf16(200);
const TEXT_LIMIT: Length = Length::Utf16(700);
const FACTS_LIMIT: Length = Length::Utf16(900);
const FILES_LIMIT: Length = Length::Utf16(1000);

/// How long the name of a fact or a file may be, and what a fact is.
const NAME_LIMIT: Length = Length::Utf16(64);
const VALUE_LIMIT: Length = Length::Utf16(200);

/// How long an address may be to be linked.
const LINK_LIMIT: usize = 500;

/// The tags around an output, in units of UTF-16.
const PRE: usize = "<pre></pre>".len();

/// Telegram's own escapes, which are all it knows.
pub(super) fn escape(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        _ => None,
    }
}

/// A note as HTML.
pub(super) fn html(note: &Note) -> String {
    let mut blocks = Blocks::default();
    blocks.before.push(title(note));
    for text in [&note.text, &note.trouble].into_iter().flatten() {
        blocks.before.push(escaped_within(text, TEXT_LIMIT, escape));
    }
    let facts: Vec<String> = note.facts.iter().map(fact).collect();
    let files: Vec<String> = note.files.iter().map(file).collect();
    for (lines, limit) in [(facts, FACTS_LIMIT), (files, FILES_LIMIT)] {
        if !lines.is_empty() {
            blocks.after.push(lines_within(&lines, limit));
        }
    }
    blocks.around(Length::Utf16(MESSAGE_LIMIT), |left| {
        let room = Length::Utf16(left.checked_sub(PRE)?);
        let output = escaped_within(note.output.as_deref()?, room, escape);
        (!output.is_empty()).then(|| format!("<pre>{output}</pre>"))
    })
}

fn title(note: &Note) -> String {
    let mark = match note.mood {
        Mood::Good => "✅",
        Mood::Bad => "❌",
        Mood::Warning => "⚠️",
        Mood::Plain => "🔵",
    };
    let title = escaped_within(&note.title, TITLE_LIMIT, escape);
    format!("{mark} <b>{title}</b>")
}

fn fact(Fact { name, value }: &Fact) -> String {
    let name = escaped_within(name, NAME_LIMIT, escape);
    let value = escaped_within(value, VALUE_LIMIT, escape);
    format!("<b>{name}</b>: {value}")
}

fn file(file: &File) -> String {
    let name = escaped_within(&file.name, NAME_LIMIT, escape);
    match file.url.as_deref() {
        Some(url) if url.len() <= LINK_LIMIT => {
            let url = escaped_within(url, Length::Bytes(usize::MAX), escape);
            format!("<a href=\"{url}\">{name}</a>")
        }
        _ => name,
    }
}
