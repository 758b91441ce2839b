//! What Teams is sent of an event: an Adaptive Card, within the limit of a message.

use serde_json::Value;
use serde_json::json;

use crate::sinks::chat::Form;
use crate::sinks::markup::escaped;
use crate::sinks::markup::escaped_within;
use crate::sinks::markup::lines_within;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Mood;
use crate::sinks::note::Note;
use crate::template::Length;
use crate::template::cut;

/// How Teams has its messages.
pub(super) static FORM: Form = Form {
    escape,
    message,
    worded,
};

/// A whole message as JSON. Microsoft says 28 KB.
const MESSAGE_LIMIT: usize = 28_000;

/// What a long text and all files are given, in bytes, in turn until the message has room: how much
/// longer they get as JSON depends on what is in them.
const ROOMS: [usize; 5] = [12_000, 6000, 3000, 1500, 750];

/// The title.
const TITLE_LIMIT: Length = Length::Bytes(300);

/// The name and the value of a fact.
const NAME_LIMIT: Length = Length::Bytes(60);
const VALUE_LIMIT: Length = Length::Bytes(200);

/// The name and the address of a file.
const FILE_NAME_LIMIT: Length = Length::Bytes(150);
const FILE_URL_LIMIT: usize = 1000;

/// The Markdown of Adaptive Cards, where a line ends only with an empty one.
fn escape(character: char) -> Option<&'static str> {
    match character {
        '\n' => Some("\n\n"),
        '\\' => Some("\\\\"),
        '*' => Some("\\*"),
        '_' => Some("\\_"),
        '[' => Some("\\["),
        ']' => Some("\\]"),
        '(' => Some("\\("),
        ')' => Some("\\)"),
        '-' => Some("\\-"),
        '+' => Some("\\+"),
        '.' => Some("\\."),
        '#' => Some("\\#"),
        '&' => Some("\\&"),
        '`' => Some("\\`"),
        '~' => Some("\\~"),
        '<' => Some("\\<"),
        '>' => Some("\\>"),
        _ => None,
    }
}

/// A note as Teams shows it best.
fn message(note: &Note) -> Value {
    fitting(|room| card(&body(note, room)))
}

/// The user's own words, which are Markdown.
fn worded(words: &str) -> Value {
    fitting(|room| card(&[text(&cut(words, Length::Bytes(2 * room)))]))
}

/// The largest message that has room.
fn fitting(message: impl Fn(usize) -> Value) -> Value {
    let mut rooms = ROOMS.into_iter().map(message);
    let fits = |message: &Value| message.to_string().len() <= MESSAGE_LIMIT;
    rooms.find(fits).unwrap_or_default()
}

fn card(body: &[Value]) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": body,
                "msteams": { "width": "Full" },
            },
        }],
    })
}

fn body(note: &Note, room: usize) -> Vec<Value> {
    let limit = Length::Bytes(room);
    let long = |text: &String| self::text(&escaped_within(text, limit, escape));
    let mut body = vec![title(note)];
    // What was to be done and what went wrong are rarely long, and share the room with the rest.
    let parts = [&note.text, &note.trouble, &note.output];
    body.extend(parts.into_iter().flatten().map(long));
    body.extend((!note.facts.is_empty()).then(|| facts(&note.facts)));
    body.extend((!note.files.is_empty()).then(|| files(&note.files, limit)));
    body.push(foot(note));
    body
}

fn title(note: &Note) -> Value {
    let (mark, colour) = match note.mood {
        Mood::Good => ("✅", "Good"),
        Mood::Bad => ("❌", "Attention"),
        Mood::Warning => ("⚠️", "Warning"),
        Mood::Plain => ("🔵", "Accent"),
    };
    let title = escaped_within(&note.title, TITLE_LIMIT, escape);
    json!({
        "type": "TextBlock", "text": format!("{mark} {title}"), "wrap": true,
        "size": "Medium", "weight": "Bolder", "color": colour,
    })
}

fn text(text: &str) -> Value {
    json!({ "type": "TextBlock", "text": text, "wrap": true })
}

fn facts(facts: &[Fact]) -> Value {
    let fact = |Fact { name, value }: &Fact| {
        json!({
            "title": escaped_within(name, NAME_LIMIT, escape),
            "value": escaped_within(value, VALUE_LIMIT, escape),
        })
    };
    let facts: Vec<Value> = facts.iter().map(fact).collect();
    json!({ "type": "FactSet", "facts": facts })
}

fn files(files: &[File], limit: Length) -> Value {
    let lines: Vec<String> = files.iter().map(file).collect();
    text(&lines_within(&lines, limit))
}

/// A file as an item of a list.
fn file(file: &File) -> String {
    let name = escaped_within(&file.name, FILE_NAME_LIMIT, escape);
    match file.url.as_deref().map(address) {
        Some(url) if url.len() <= FILE_URL_LIMIT => format!("- [{name}]({url})"),
        _ => format!("- {name}"),
    }
}

/// An address as it stands in a link, where a bracket would end it.
fn address(url: &str) -> String {
    url.replace('(', "%28").replace(')', "%29")
}

/// Where it comes from.
fn foot(note: &Note) -> Value {
    let foot = format!("Tidings, event {} of {}", note.id, note.when());
    json!({
        "type": "TextBlock", "text": escaped(&foot, escape), "wrap": true,
        "size": "Small", "isSubtle": true,
    })
}
