//! What Discord is sent of an event, within its limits.
//!
//! Lengths are counted in units of UTF-16 of what is sent, which is at least what Discord counts.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sinks::chat::Form;
use crate::sinks::markup::escaped_within;
use crate::sinks::markup::lines_within;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Mood;
use crate::sinks::note::Note;
use crate::template::Length;
use crate::template::cut;

/// How Discord has its messages.
pub(super) static FORM: Form = Form {
    escape,
    message,
    worded,
};

/// The content of a message in the user's own words.
const CONTENT_LIMIT: Length = Length::Utf16(2000);

/// What all texts of a message's embeds have room for together.
const SUM_LIMIT: usize = 6000;

/// The title of an embed.
const TITLE_LIMIT: Length = Length::Utf16(256);

/// The description of an embed.
const DESCRIPTION_LIMIT: usize = 4096;

/// How many fields an embed has.
const FIELDS: usize = 25;

/// The name and the value of a field: Discord has room for 256 and 1024, and not for all of them.
const NAME_LIMIT: Length = Length::Utf16(100);
const VALUE_LIMIT: Length = Length::Utf16(500);

/// What all fields have room for together, and all files, so that there is some for the rest.
const FACTS_LIMIT: usize = 1800;
const FILES_LIMIT: Length = Length::Utf16(1500);

/// The name and the address of a file.
const FILE_NAME_LIMIT: Length = Length::Utf16(150);
const FILE_URL_LIMIT: usize = 1000;

/// A message whose links Discord does not open to show more of them.
const SUPPRESS_EMBEDS: u64 = 1 << 2;

/// Discord's Markdown, with all that it makes of addresses, emoji and mentions.
fn escape(character: char) -> Option<&'static str> {
    match character {
        '\\' => Some("\\\\"),
        '*' => Some("\\*"),
        '_' => Some("\\_"),
        '~' => Some("\\~"),
        '`' => Some("\\`"),
        '|' => Some("\\|"),
        '>' => Some("\\>"),
        '<' => Some("\\<"),
        '#' => Some("\\#"),
        '-' => Some("\\-"),
        '[' => Some("\\["),
        '@' => Some("\\@"),
        ':' => Some("\\:"),
        _ => None,
    }
}

/// A note as Discord shows it best.
fn message(note: &Note) -> Value {
    let title = escaped_within(&note.title, TITLE_LIMIT, escape);
    let foot = format!("Tidings, event {}", note.id);
    let (fields, taken) = fields(&note.facts);
    let files = files(&note.files);
    let rest = SUM_LIMIT - taken - size(&title) - size(&foot) - size(&files);

    let colour = colour(note.mood);
    let mut embed = json!({
        "title": title, "color": colour, "footer": { "text": foot }, "timestamp": time(note.at),
    });
    if let Some(description) = description(note, rest) {
        embed["description"] = description.into();
    }
    if !fields.is_empty() {
        embed["fields"] = fields.into();
    }
    let mut embeds = vec![embed];
    if !files.is_empty() {
        embeds.push(json!({ "description": files, "color": colour }));
    }
    sent(json!({ "embeds": embeds }))
}

/// The user's own words, which are Markdown.
fn worded(words: &str) -> Value {
    sent(json!({ "content": cut(words, CONTENT_LIMIT), "flags": SUPPRESS_EMBEDS }))
}

/// Whatever is in it, nobody is called. An escape would not do: Discord looks for mentions before it
/// looks for escapes.
fn sent(mut message: Value) -> Value {
    message["allowed_mentions"] = json!({ "parse": [] });
    message
}

fn colour(mood: Mood) -> u32 {
    match mood {
        Mood::Good => 0x16_a3_4a,
        Mood::Bad => 0xdc_26_26,
        Mood::Warning => 0xd9_77_06,
        Mood::Plain => 0x25_63_eb,
    }
}

/// What was to be done, what went wrong, and what came of it. None where nothing is known.
fn description(note: &Note, room: usize) -> Option<String> {
    let parts = [&note.text, &note.trouble, &note.output];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let limit = Length::Utf16(room.min(DESCRIPTION_LIMIT));
    (!parts.is_empty()).then(|| escaped_within(&parts.join("\n\n"), limit, escape))
}

/// The facts that have room, and how much they take.
fn fields(facts: &[Fact]) -> (Vec<Value>, usize) {
    let mut fields = Vec::new();
    let mut taken = 0;
    for Fact { name, value } in facts.iter().take(FIELDS) {
        let name = escaped_within(name, NAME_LIMIT, escape);
        let value = escaped_within(value, VALUE_LIMIT, escape);
        let more = size(&name) + size(&value);
        if taken + more <= FACTS_LIMIT {
            taken += more;
            fields.push(json!({ "name": name, "value": value, "inline": true }));
        }
    }
    (fields, taken)
}

fn files(files: &[File]) -> String {
    let lines: Vec<String> = files.iter().map(file).collect();
    lines_within(&lines, FILES_LIMIT)
}

fn file(file: &File) -> String {
    let name = escaped_within(&file.name, FILE_NAME_LIMIT, escape);
    match file.url.as_deref().map(address) {
        Some(url) if url.len() <= FILE_URL_LIMIT => format!("[{name}]({url})"),
        _ => name,
    }
}

/// An address as it stands in a link, where a bracket would end it.
fn address(url: &str) -> String {
    url.replace('(', "%28").replace(')', "%29")
}

fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn size(text: &str) -> usize {
    text.encode_utf16().count()
}
