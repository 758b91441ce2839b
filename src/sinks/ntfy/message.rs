//! What an ntfy server is sent, within its limits: 4,096 bytes for a message, which would else become
//! a file, and twice that for the whole request.

use serde_json::Value;
use serde_json::json;

use crate::sinks::Outbound;
use crate::sinks::blocks::Blocks;
use crate::sinks::markup::lines_within;
use crate::sinks::note::Fact;
use crate::sinks::note::File;
use crate::sinks::note::Mood;
use crate::sinks::note::Note;
use crate::template::Length;
use crate::template::cut;

/// How long a message may be, in bytes.
const MESSAGE_LIMIT: usize = 4096;

/// How long a request may be, in bytes.
const REQUEST_LIMIT: usize = 2 * MESSAGE_LIMIT;

/// How long a title may be. It has no limit of its own; phones show less.
const TITLE_LIMIT: Length = Length::Bytes(200);

/// What of a message each part may take: a wish or a trouble, all facts, all files.
const TEXT_LIMIT: Length = Length::Bytes(800);
const FACTS_LIMIT: Length = Length::Bytes(800);
const FILES_LIMIT: Length = Length::Bytes(800);

/// How long one fact may be.
const FACT_LIMIT: Length = Length::Bytes(200);

/// How long an address may be to be opened at a touch.
const CLICK_LIMIT: usize = 1000;

/// The request that publishes a note to a topic, or what the user says in its place.
pub(super) fn message(topic: &str, note: &Note, words: Option<&str>, outbound: &Outbound) -> Value {
    let (priority, tag) = urgency(note.mood);
    let mut message = json!({
        "topic": topic,
        "title": cut(&note.title, TITLE_LIMIT),
        "priority": priority,
        "tags": [tag],
        "sequence_id": sequence(outbound),
    });
    let mut links = note.files.iter().filter_map(|file| file.url.as_deref());
    if let Some(link) = links.find(|link| link.len() <= CLICK_LIMIT) {
        message["click"] = link.into();
    }
    let said = |room: usize| match words {
        Some(words) => cut(words.trim(), Length::Bytes(room)).into_owned(),
        None => text(note, room),
    };
    let mut room = MESSAGE_LIMIT;
    loop {
        message["message"] = said(room).into();
        // JSON writes some bytes longer than they are, and none in more than six.
        match message.to_string().len().checked_sub(REQUEST_LIMIT) {
            None | Some(0) => return message,
            Some(excess) => room = room.saturating_sub(excess.div_ceil(6)),
        }
    }
}

/// How urgently a phone tells it, and the short code of the emoji in front of it.
fn urgency(mood: Mood) -> (u8, &'static str) {
    match mood {
        Mood::Good => (3, "white_check_mark"),
        Mood::Bad => (4, "x"),
        Mood::Warning => (3, "warning"),
        Mood::Plain => (2, "large_blue_circle"),
    }
}

/// What a notification is known by. One that comes with the same id takes the place of the first, so
/// an event that is sent twice is seen once. Who asks for it once more wants to see it.
fn sequence(outbound: &Outbound) -> String {
    if outbound.replay {
        outbound.delivery.to_string()
    } else {
        outbound.event.id.to_string()
    }
}

/// What a note says, in so many bytes.
fn text(note: &Note, room: usize) -> String {
    let mut blocks = Blocks::default();
    for text in [&note.text, &note.trouble].into_iter().flatten() {
        blocks.before.push(cut(text, TEXT_LIMIT).into_owned());
    }
    let facts: Vec<String> = note.facts.iter().map(fact).collect();
    let files: Vec<String> = note.files.iter().map(file).collect();
    for (lines, limit) in [(facts, FACTS_LIMIT), (files, FILES_LIMIT)] {
        if !lines.is_empty() {
            blocks.after.push(lines_within(&lines, limit));
        }
    }
    let said = blocks.around(Length::Bytes(room), |left| {
        let output = note.output.as_deref()?;
        Some(cut(output, Length::Bytes(left)).into_owned())
    });
    // A server says `triggered` where nothing is said.
    if said.is_empty() { note.when() } else { said }
}

fn fact(Fact { name, value }: &Fact) -> String {
    cut(&format!("{name}: {value}"), FACT_LIMIT).into_owned()
}

fn file(file: &File) -> String {
    let name = cut(&file.name, FACT_LIMIT);
    match &file.url {
        Some(url) => format!("{name}: {url}"),
        None => name.into_owned(),
    }
}
