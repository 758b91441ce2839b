//! What Slack is sent of an event, within its limits.
//!
//! Long texts of others are `plain_text`: nothing in them is markup, a mention or a link. Lengths are
//! counted in units of UTF-16 of what is sent, which is at least what Slack counts.

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
use crate::template::MARK;
use crate::template::cut;

/// How Slack has its messages.
pub(super) static FORM: Form = Form {
    escape,
    message,
    worded,
};

/// The text of a message in the user's own words.
const TEXT_LIMIT: Length = Length::Utf16(40_000);

/// The text that stands for a message where its blocks cannot, as in a notification. It has no limit
/// of its own; nobody reads more.
const SUMMARY_LIMIT: Length = Length::Utf16(300);

/// The text of a header.
const HEADER_LIMIT: Length = Length::Utf16(150);

/// The text of a section.
const SECTION_LIMIT: Length = Length::Utf16(3000);

/// How many fields a section has.
const FIELDS: usize = 10;

/// The name and the value in a field, which together have room for 2000.
const NAME_LIMIT: Length = Length::Utf16(200);
const VALUE_LIMIT: Length = Length::Utf16(1700);

/// The name and the address of a file, and what stands around them.
const FILE_NAME_LIMIT: Length = Length::Utf16(200);
const FILE_URL_LIMIT: usize = 2000;

/// Slack's own three escapes.
fn escape(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}

/// A note as Slack shows it best.
fn message(note: &Note) -> Value {
    let mut blocks = vec![header(note)];
    blocks.extend(note.text.as_deref().map(section));
    blocks.extend(note.trouble.as_deref().map(section));
    blocks.extend(note.output.as_deref().map(section));
    blocks.extend(note.facts.chunks(FIELDS).map(fields));
    blocks.extend((!note.files.is_empty()).then(|| files(&note.files)));
    blocks.push(foot(note));
    sent(json!({
        "text": escaped_within(&note.subject(), SUMMARY_LIMIT, escape),
        "blocks": blocks,
    }))
}

/// The user's own words, which are mrkdwn.
fn worded(words: &str) -> Value {
    sent(json!({ "text": without_half_an_escape(&cut(words, TEXT_LIMIT)), "mrkdwn": true }))
}

/// A text that was cut, without the escape that it was cut in.
fn without_half_an_escape(text: &str) -> String {
    match text.rsplit_once('&') {
        Some((before, rest)) if rest.ends_with(MARK) && rest.len() < 8 && !rest.contains(';') => {
            format!("{before}{MARK}")
        }
        _ => text.to_owned(),
    }
}

/// Slack looks at no link to show more of it: a link to a file opens it for whoever has it.
fn sent(mut message: Value) -> Value {
    message["unfurl_links"] = false.into();
    message["unfurl_media"] = false.into();
    message
}

fn header(note: &Note) -> Value {
    let mark = match note.mood {
        Mood::Good => "✅",
        Mood::Bad => "❌",
        Mood::Warning => "⚠️",
        Mood::Plain => "🔵",
    };
    let title = escaped_within(&format!("{mark} {}", note.title), HEADER_LIMIT, escape);
    json!({ "type": "header", "text": plain(&title) })
}

fn section(text: &str) -> Value {
    let text = escaped_within(text, SECTION_LIMIT, escape);
    json!({ "type": "section", "text": plain(&text) })
}

fn fields(facts: &[Fact]) -> Value {
    let field = |Fact { name, value }: &Fact| {
        let name = escaped_within(name, NAME_LIMIT, escape);
        let value = escaped_within(value, VALUE_LIMIT, escape);
        mrkdwn(&format!("*{name}*\n{value}"))
    };
    let fields: Vec<Value> = facts.iter().map(field).collect();
    json!({ "type": "section", "fields": fields })
}

fn files(files: &[File]) -> Value {
    let lines: Vec<String> = files.iter().map(file).collect();
    let text = mrkdwn(&lines_within(&lines, SECTION_LIMIT));
    json!({ "type": "section", "text": text })
}

fn file(file: &File) -> String {
    // In a link a bar has a meaning, and no escape.
    let name = escaped_within(&file.name.replace('|', "¦"), FILE_NAME_LIMIT, escape);
    match file.url.as_deref().map(address) {
        Some(url) if url.len() <= FILE_URL_LIMIT => format!("• <{url}|{name}>"),
        _ => format!("• {name}"),
    }
}

/// An address as it stands in a link, where a bar would end it.
fn address(url: &str) -> String {
    escaped(url, escape).replace('|', "%7C")
}

/// Where it comes from, with the time in the zone of whoever reads it.
fn foot(note: &Note) -> Value {
    let (seconds, when) = (note.at.as_second(), note.when());
    let when = format!("<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{when}>");
    let text = mrkdwn(&format!("Tidings, event {} of {when}", note.id));
    json!({ "type": "context", "elements": [text] })
}

/// A text that nothing is read into: no markup, no emoji, no mention.
fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

/// A text in Slack's markup, in which Slack looks for nothing that is not marked.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}
