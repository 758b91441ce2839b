//! A message as the Bot API's documents say it must be.
//!
//! <https://core.telegram.org/bots/api#sendmessage>, and
//! <https://core.telegram.org/bots/api#html-style>

use serde_json::Value;
use wiremock::Request;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::is;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// The tags that Telegram knows.
const TAGS: [&str; 14] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
];

/// What the Bot API would find wrong with a request of the bot with this token.
pub(super) fn look(request: &Request, token: &str) -> Looked {
    let bot = format!("/bot{token}/");
    let method = request.url.path().strip_prefix(&bot);
    let method = method.ok_or("Unauthorized")?;
    let kind = request.headers.get("content-type");
    holds(kind.is_some_and(|kind| kind == "application/json"), || {
        format!("content-type is {kind:?}")
    })?;
    let body = request
        .body_json::<Value>()
        .map_err(|error| error.to_string())?;
    match method {
        "getMe" => object(&body, &[], &[]),
        "getChat" => object(&body, &["chat_id"], &[]),
        "sendMessage" => message(&body),
        other => Err(format!("there is no {other}")),
    }
}

fn message(body: &Value) -> Looked {
    let may_have = ["message_thread_id", "parse_mode", "link_preview_options"];
    object(body, &["chat_id", "text"], &may_have)?;
    let chat = &body["chat_id"];
    let is_name = chat.as_str().is_some_and(|name| name.starts_with('@'));
    holds(chat.is_i64() || is_name, || format!("chat {chat}"))?;
    is(body, "parse_mode", "HTML")?;
    is(&body["link_preview_options"], "is_disabled", true)?;
    let Read { length, entities } = read(text(body, "text", usize::MAX)?)?;
    holds((1..=4096).contains(&length), || {
        format!("message is too long, or empty: {length}")
    })?;
    holds(entities <= 100, || format!("{entities} entities"))
}

/// What is left of HTML when it is read.
struct Read {
    /// In units of UTF-16, without what is blank around it.
    length: usize,
    entities: usize,
}

fn read(html: &str) -> Looked<Read> {
    let mut visible = String::new();
    let mut open = Vec::new();
    let mut entities = 0;
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, after) = tag
                .split_once('>')
                .ok_or("can't parse entities: unclosed tag")?;
            if let Some(name) = tag.strip_prefix('/') {
                holds(open.pop() == Some(name), || {
                    format!("unexpected end tag {name}")
                })?;
            } else {
                let name = tag.split(' ').next().unwrap_or_default();
                holds(TAGS.contains(&name), || {
                    format!("unsupported start tag {name}")
                })?;
                let is_whole = tag.matches('"').count().is_multiple_of(2) && !tag.contains('<');
                holds(is_whole, || format!("odd tag {tag}"))?;
                open.push(name);
                entities += 1;
            }
            rest = after;
        } else if let Some(escape) = rest.strip_prefix('&') {
            let known = [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"')];
            let (name, character) = known
                .into_iter()
                .find(|(name, _)| escape.starts_with(name))
                .ok_or_else(|| {
                    format!("a lone &: {}", rest.chars().take(10).collect::<String>())
                })?;
            visible.push(character);
            (_, rest) = escape.split_at(name.len());
        } else {
            holds(first != '>', || "a lone >".to_owned())?;
            visible.push(first);
            (_, rest) = rest.split_at(first.len_utf8());
        }
    }
    holds(open.is_empty(), || {
        format!("can't find end tag of {open:?}")
    })?;
    let length = visible.trim().encode_utf16().count();
    Ok(Read { length, entities })
}

#[test]
fn it_would_notice() {
    for html in [
        "<b>a", "a</b>", "<b>a</i>", "<x>a</x>", "a & b", "a > b", "&nbsp;", "<b",
    ] {
        assert!(read(html).is_err(), "{html}");
    }
    let read = read("<b>a</b> &amp; <a href=\"https://a.b/?c&amp;d\">🦀</a>").unwrap();
    assert_eq!((read.length, read.entities), (6, 2));
}
