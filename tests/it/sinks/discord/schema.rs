//! A message as Discord's documents say it must be.

use serde_json::Value;
use wiremock::Request;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::is;
use crate::harness::strict::list;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// What Discord would find wrong with a request.
pub(super) fn look(request: &Request) -> Looked {
    let kind = request.headers.get("content-type");
    holds(kind.is_some_and(|kind| kind == "application/json"), || {
        format!("content-type is {kind:?}")
    })?;
    // Without this it would not say what is wrong.
    let mut query = request.url.query_pairs();
    holds(
        query.any(|(name, value)| name == "wait" && value == "true"),
        || "nobody waits".to_owned(),
    )?;
    let message = request
        .body_json::<Value>()
        .map_err(|error| error.to_string())?;
    self::message(&message)
}

fn message(message: &Value) -> Looked {
    object(
        message,
        &["allowed_mentions"],
        &["content", "embeds", "flags"],
    )?;
    is(
        message,
        "allowed_mentions",
        serde_json::json!({ "parse": [] }),
    )?;
    if message.get("content").is_some() {
        // Whoever opens a link to a file may have it, and whoever unfurls a link opens it.
        is(message, "flags", 4)?;
        return text(message, "content", 2000).map(drop);
    }
    let embeds = list(message, "embeds", 10)?;
    embeds.iter().try_for_each(embed)?;
    let sum: usize = embeds.iter().map(size).sum();
    holds(sum <= 6000, || format!("{sum} of 6000 characters in all"))
}

fn embed(embed: &Value) -> Looked {
    let may_have = [
        "title",
        "description",
        "color",
        "fields",
        "footer",
        "timestamp",
    ];
    object(embed, &[], &may_have)?;
    if embed.get("title").is_some() {
        no_markup(text(embed, "title", 256)?)?;
    }
    if embed.get("description").is_some() {
        no_markup(text(embed, "description", 4096)?)?;
    }
    if embed.get("fields").is_some() {
        list(embed, "fields", 25)?.iter().try_for_each(field)?;
    }
    if let Some(footer) = embed.get("footer") {
        object(footer, &["text"], &[])?;
        text(footer, "text", 2048)?;
    }
    if embed.get("timestamp").is_some() {
        let time = text(embed, "timestamp", 40)?;
        let read: Result<jiff::Timestamp, _> = time.parse();
        read.map_err(|error| error.to_string())?;
    }
    let colour = embed.get("color").map(Value::as_u64);
    let is_colour = colour.is_none_or(|colour| colour.is_some_and(|colour| colour <= 0xff_ff_ff));
    holds(is_colour, || format!("no colour: {colour:?}"))
}

fn field(field: &Value) -> Looked {
    object(field, &["name", "value"], &["inline"])?;
    no_markup(text(field, "name", 256)?)?;
    no_markup(text(field, "value", 1024)?)
}

/// What counts of an embed toward the sum.
fn size(embed: &Value) -> usize {
    let length = |text: &Value| text.as_str().unwrap_or_default().encode_utf16().count();
    let fields = embed["fields"].as_array().into_iter().flatten();
    let fields: usize = fields
        .map(|field| length(&field["name"]) + length(&field["value"]))
        .sum();
    length(&embed["title"])
        + length(&embed["description"])
        + length(&embed["footer"]["text"])
        + fields
}

/// Whether all that could be Markdown is escaped, but for links of ours.
fn no_markup(text: &str) -> Looked {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '*', '_', '~', '`', '|', '<', '>', '#', '[', '@']) {
        let (_, marked) = rest.split_at(at);
        let after = match marked.strip_prefix('\\') {
            Some(escaped) => escaped.strip_prefix(|c: char| c.is_ascii_punctuation()),
            None => after_link(marked),
        };
        rest = after.ok_or_else(|| format!("not escaped: {marked}"))?;
    }
    Ok(())
}

/// What stands after a link whose name is escaped.
fn after_link(text: &str) -> Option<&str> {
    let (name, rest) = text.strip_prefix('[')?.split_once("](https://")?;
    let (url, rest) = rest.split_once(')')?;
    let is_one = !url.contains([' ', '\n', '(', '<']) && no_markup(name).is_ok();
    is_one.then_some(rest)
}

#[test]
fn it_would_notice() {
    for text in [
        "*a*",
        "a_b",
        "`a`",
        "@everyone",
        "<@1>",
        "[a](b)",
        "# a",
        "\\",
    ] {
        no_markup(text).unwrap_err();
    }
    no_markup("\\*a\\* \\<\\@1\\> [a \\_](https://a.b/c_d?e) x").unwrap();
    let long = serde_json::json!({ "title": "🦀".repeat(129) });
    embed(&long).unwrap_err();
    let full = serde_json::json!({ "description": "x".repeat(4000) });
    let sum = serde_json::json!({ "embeds": [full, full], "allowed_mentions": { "parse": [] } });
    assert!(message(&sum).unwrap_err().contains("6000"));
}
