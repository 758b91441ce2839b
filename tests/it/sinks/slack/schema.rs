//! A message as Slack's documents say it must be.

use serde_json::Value;
use wiremock::Request;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::is;
use crate::harness::strict::list;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// What Slack would find wrong with a request.
pub(super) fn look(request: &Request) -> Looked {
    let kind = request.headers.get("content-type");
    holds(kind.is_some_and(|kind| kind == "application/json"), || {
        format!("content-type is {kind:?}")
    })?;
    let message = request
        .body_json::<Value>()
        .map_err(|error| error.to_string())?;
    self::message(&message)
}

fn message(message: &Value) -> Looked {
    let may_have = ["blocks", "mrkdwn", "unfurl_links", "unfurl_media"];
    object(message, &["text"], &may_have)?;
    means_nothing_else(text(message, "text", 40_000)?)?;
    // Whoever opens a link to a file may have it, and whoever unfurls a link opens it.
    is(message, "unfurl_links", false)?;
    is(message, "unfurl_media", false)?;
    if message.get("blocks").is_some() {
        list(message, "blocks", 50)?.iter().try_for_each(block)?;
    }
    Ok(())
}

fn block(block: &Value) -> Looked {
    match block["type"].as_str() {
        Some("header") => {
            object(block, &["type", "text"], &[])?;
            is(&block["text"], "type", "plain_text")?;
            written(&block["text"], 150)
        }
        Some("section") if block.get("fields").is_some() => {
            object(block, &["type", "fields"], &[])?;
            let mut fields = list(block, "fields", 10)?.iter();
            fields.try_for_each(|field| written(field, 2000))
        }
        Some("section") => {
            object(block, &["type", "text"], &[])?;
            written(&block["text"], 3000)
        }
        Some("context") => {
            object(block, &["type", "elements"], &[])?;
            let mut elements = list(block, "elements", 10)?.iter();
            elements.try_for_each(|element| written(element, 3000))
        }
        _ => Err(format!("no block that is known: {block}")),
    }
}

/// A text object.
fn written(object_of_text: &Value, limit: usize) -> Looked {
    let written = text(object_of_text, "text", limit)?;
    match object_of_text["type"].as_str() {
        Some("plain_text") => object(object_of_text, &["type", "text"], &["emoji"]),
        Some("mrkdwn") => {
            object(object_of_text, &["type", "text"], &["verbatim"])?;
            means_nothing_else(written)
        }
        _ => Err(format!("no text: {object_of_text}")),
    }
}

/// Whether all that is marked is a link or a date: nobody is mentioned, and no escape is broken.
fn means_nothing_else(text: &str) -> Looked {
    for after in text.split('&').skip(1) {
        let escapes = ["amp;", "lt;", "gt;"];
        let is_one = escapes.iter().any(|escape| after.starts_with(escape));
        holds(is_one, || format!("a lone & before {after}"))?;
    }
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once('<') {
        let (mark, after) = marked
            .split_once('>')
            .ok_or_else(|| format!("a mark without an end: {marked}"))?;
        let known = ["https://", "http://", "!date^"];
        let is_one = known.iter().any(|known| mark.starts_with(known));
        let is_whole = mark.matches('|').count() == 1 && !mark.contains(['<', '\n']);
        holds(is_one && is_whole && !before.contains('>'), || {
            format!("marked: {mark}")
        })?;
        rest = after;
    }
    holds(!rest.contains('>'), || format!("a lone > in {text}"))
}

#[test]
fn it_would_notice() {
    for text in [
        "<!channel>",
        "<@U123>",
        "a & b",
        "&am",
        "<https://a|b",
        "a > b",
    ] {
        means_nothing_else(text).unwrap_err();
    }
    means_nothing_else("a &amp; <https://a.b/c|d &lt;>").unwrap();
    let long = serde_json::json!({ "type": "plain_text", "text": "🦀".repeat(76) });
    written(&long, 150).unwrap_err();
    let odd = serde_json::json!({ "text": "a", "channel": "#b", "unfurl_links": false });
    message(&odd).unwrap_err();
}
