//! A message as Microsoft's documents say it must be: an Adaptive Card of version 1.2 in an envelope.

use serde_json::Value;
use wiremock::Request;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::is;
use crate::harness::strict::list;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// What Teams would find wrong with a request.
pub(super) fn look(request: &Request) -> Looked {
    let kind = request.headers.get("content-type");
    holds(kind.is_some_and(|kind| kind == "application/json"), || {
        format!("content-type is {kind:?}")
    })?;
    let size = request.body.len();
    holds(size <= 28 * 1024, || {
        format!("{size} bytes, which is more than 28 KB")
    })?;
    let message = request
        .body_json::<Value>()
        .map_err(|error| error.to_string())?;
    self::message(&message)
}

fn message(message: &Value) -> Looked {
    object(message, &["type", "attachments"], &[])?;
    is(message, "type", "message")?;
    let attachment = &list(message, "attachments", 1)?[0];
    object(attachment, &["contentType", "content"], &["contentUrl"])?;
    is(
        attachment,
        "contentType",
        "application/vnd.microsoft.card.adaptive",
    )?;
    let card = &attachment["content"];
    object(card, &["$schema", "type", "version", "body"], &["msteams"])?;
    is(card, "type", "AdaptiveCard")?;
    is(card, "version", "1.2")?;
    // Only with `entities` anybody is mentioned.
    is(card, "msteams", serde_json::json!({ "width": "Full" }))?;
    list(card, "body", 100)?.iter().try_for_each(element)
}

fn element(element: &Value) -> Looked {
    match element["type"].as_str() {
        Some("TextBlock") => {
            let may_have = ["wrap", "size", "weight", "color", "isSubtle"];
            object(element, &["type", "text"], &may_have)?;
            one_of(
                element,
                "size",
                &["Small", "Default", "Medium", "Large", "ExtraLarge"],
            )?;
            one_of(element, "weight", &["Lighter", "Default", "Bolder"])?;
            let colours = [
                "Default",
                "Dark",
                "Light",
                "Accent",
                "Good",
                "Warning",
                "Attention",
            ];
            one_of(element, "color", &colours)?;
            is(element, "wrap", true)?;
            text(element, "text", 28_000).map(drop)
        }
        Some("FactSet") => {
            object(element, &["type", "facts"], &[])?;
            let mut facts = list(element, "facts", 100)?.iter();
            facts.try_for_each(|fact| {
                object(fact, &["title", "value"], &[])?;
                text(fact, "title", 28_000)?;
                text(fact, "value", 28_000).map(drop)
            })
        }
        _ => Err(format!("no element that is known: {element}")),
    }
}

fn one_of(element: &Value, name: &str, words: &[&str]) -> Looked {
    let word = element.get(name);
    let is_one = word.is_none_or(|word| word.as_str().is_some_and(|word| words.contains(&word)));
    holds(is_one, || format!("`{name}` is {word:?}"))
}

/// Whether all that could be Markdown in what others wrote is escaped, but for our links and lists.
pub(super) fn no_markup(message: &Value) -> Looked {
    let card = &message["attachments"][0]["content"];
    for element in list(card, "body", 100)? {
        let facts = element["facts"].as_array().into_iter().flatten();
        let written = facts.flat_map(|fact| [&fact["title"], &fact["value"]]);
        for text in written.chain(element.get("text")) {
            plain(text.as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

fn plain(text: &str) -> Looked {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '*', '_', '`', '~', '<', '>', '#', '[', ']', '&', '\n']) {
        let (before, marked) = rest.split_at(at);
        let after = if let Some(escaped) = marked.strip_prefix('\\') {
            escaped.strip_prefix(|c: char| c.is_ascii_punctuation())
        } else if let Some(line) = marked.strip_prefix('\n') {
            // A line ends where an empty one follows, or the next item of a list.
            let next = line.strip_prefix('\n');
            let is_item = line.starts_with("- ") || line.starts_with('…');
            next.or(is_item.then_some(line))
        } else {
            after_link(marked).filter(|_| before.ends_with("- "))
        };
        rest = after.ok_or_else(|| format!("not escaped: {marked}"))?;
    }
    Ok(())
}

/// What stands after a link whose name is escaped.
fn after_link(text: &str) -> Option<&str> {
    let (name, rest) = text.strip_prefix('[')?.split_once("](https://")?;
    let (url, rest) = rest.split_once(')')?;
    let is_one = !url.contains([' ', '\n', '(']) && plain(name).is_ok();
    is_one.then_some(rest)
}

#[test]
fn it_would_notice() {
    for text in ["*a*", "a_b", "[a](https://b)", "a\nb", "&amp;", "\\"] {
        plain(text).unwrap_err();
    }
    plain("\\*a\\*\n\n\\&amp; - [a \\_](https://a.b/c_d?e)\n- b\n… and 3 more").unwrap();
    let card = serde_json::json!({ "type": "TextBlock", "text": "a", "wrap": true, "style": "b" });
    element(&card).unwrap_err();
}
