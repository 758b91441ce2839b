//! A message as ntfy's documents and its server say it must be.
//!
//! <https://docs.ntfy.sh/publish/#publish-as-json>, and `transformBodyJSON` in its `server/server.go`
//! for the length of a request.

use serde_json::Value;
use wiremock::Request;

use crate::harness::strict::Looked;
use crate::harness::strict::holds;
use crate::harness::strict::list;
use crate::harness::strict::object;
use crate::harness::strict::text;

/// What a server would find wrong with a request.
pub(super) fn look(request: &Request) -> Looked {
    let (method, path) = (request.method.as_str(), request.url.path());
    holds((method, path) == ("POST", "/"), || {
        format!("{method} {path}")
    })?;
    let length = request.body.len();
    holds(length <= 8192, || format!("{length} bytes of JSON"))?;
    let message = request
        .body_json::<Value>()
        .map_err(|error| error.to_string())?;
    self::message(&message)
}

fn message(message: &Value) -> Looked {
    let may_have = [
        "message",
        "title",
        "tags",
        "priority",
        "actions",
        "click",
        "attach",
        "markdown",
        "icon",
        "filename",
        "delay",
        "email",
        "call",
        "sequence_id",
    ];
    object(message, &["topic"], &may_have)?;
    name(message, "topic")?;
    name(message, "sequence_id")?;
    text(message, "title", 250)?;
    let said = text(message, "message", usize::MAX)?;
    holds(said.len() <= 4096 && !said.trim().is_empty(), || {
        format!("a message of {} bytes", said.len())
    })?;
    let priority = message["priority"].as_u64().unwrap_or_default();
    holds((1..=5).contains(&priority), || {
        format!("priority {priority}")
    })?;
    for tag in list(message, "tags", 5)? {
        let tag = tag.as_str().unwrap_or(",");
        holds(!tag.contains(','), || format!("tag {tag}"))?;
    }
    if message.get("click").is_some() {
        let click = text(message, "click", 2000)?;
        holds(click.starts_with("https://"), || format!("click {click}"))?;
    }
    Ok(())
}

/// What ntfy takes for the name of something.
fn name(message: &Value, key: &str) -> Looked {
    let name = text(message, key, 64)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    holds(name.chars().all(is_part), || format!("`{key}` is {name}"))
}
