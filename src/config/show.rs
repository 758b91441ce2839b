//! What is in force: every key, its value with secrets masked, and where it came from.

use std::sync::Arc;

use url::Url;

use super::environment::Environment;
use super::example;
use super::node::Node;
use super::node::Value;
use super::origin::Origin;
use super::sink;

/// Keys whose values are secrets, and so is everything below them.
const SECRETS: [&str; 9] = [
    "secrets",
    "signing_secrets",
    "api_key",
    "client_key",
    "password",
    "webhook_url",
    "routing_key",
    "token",
    "topic",
];

/// Tables whose values are their owner's, and often tokens.
const SECRET_TABLES: [&str; 2] = ["headers", "env"];

/// What stands in place of a secret.
const MASK: &str = "[secret]";

/// Variables that set what no key does, and their defaults.
const VARIABLES_ONLY: [(&str, &str); 3] = [
    ("TIDINGS_API_TOKEN", ""),
    ("TIDINGS_LOG", "info"),
    ("TIDINGS_LOG_FORMAT", "text"),
];

/// Keys whose feature is not built yet; those below them too. Take a line out when it is.
const WITHOUT_EFFECT: [&str; 1] = ["retention"];

/// A key in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// With dots, items of lists as `[0]`.
    pub key: String,
    /// The value as TOML writes it.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Every key in force.
pub(super) fn shown(nodes: &Node, environment: &Environment) -> Vec<Shown> {
    let mut rows = Vec::new();
    list(&with_defaults(nodes), "", false, &mut rows);
    for (variable, default) in VARIABLES_ONLY {
        let found = environment.get(variable).ok().flatten();
        let (value, origin) = match found {
            Some((value, source)) => (value, Origin::default().via(source)),
            None if default.is_empty() => continue,
            None => (default.to_owned(), Origin::default()),
        };
        let secret = variable.ends_with("TOKEN");
        rows.push(Shown {
            key: variable.to_owned(),
            value: if secret {
                MASK.to_owned()
            } else {
                quoted(&value)
            },
            origin,
        });
    }
    rows
}

/// Keys below [`WITHOUT_EFFECT`] that were set to something else than their default.
pub(super) fn without_effect(nodes: &Node) -> Vec<String> {
    let mut rows = Vec::new();
    list(nodes, "", false, &mut rows);
    let mut defaults = Vec::new();
    list(&example::defaults(), "", false, &mut defaults);
    rows.retain(|row| {
        let plain = without_positions(&row.key);
        WITHOUT_EFFECT.iter().any(|known| {
            plain
                .strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }) && !defaults
            .iter()
            .any(|default| default.key == row.key && default.value == row.value)
    });
    rows.into_iter().map(|row| row.key).collect()
}

/// `sink[0].enrich` → `sink.enrich`.
fn without_positions(key: &str) -> String {
    key.split('[')
        .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
        .collect()
}

/// What was set, laid over the defaults.
fn with_defaults(nodes: &Node) -> Node {
    let defaults = example::defaults();
    let endpoint = match defaults.get("endpoint").map(|node| &node.value) {
        Some(Value::List(items)) => items.first().cloned(),
        _ => None,
    };
    let mut whole = laid_over(nodes, &defaults);
    if let (Some(endpoint), Some(Value::List(items))) = (
        endpoint,
        whole
            .entry("endpoint", Value::List(Vec::new()))
            .map(|node| &mut node.value),
    ) {
        for item in items {
            *item = laid_over(item, &endpoint);
        }
    }
    let sink = Node::parse(sink::DEFAULTS, &Arc::from("")).map(example::from_nowhere);
    if let (Ok(sink), Some(Value::List(items))) = (
        sink,
        whole
            .entry("sink", Value::List(Vec::new()))
            .map(|node| &mut node.value),
    ) {
        for item in items {
            *item = laid_over(item, &sink);
        }
    }
    whole
}

/// `top` where it says something, `base` elsewhere. Lists are taken whole.
fn laid_over(top: &Node, base: &Node) -> Node {
    let (Value::Table(upper), Value::Table(lower)) = (&top.value, &base.value) else {
        return top.clone();
    };
    let mut table: Vec<_> = lower
        .iter()
        .map(|(key, below)| {
            let node = top
                .get(key)
                .map_or_else(|| below.clone(), |above| laid_over(above, below));
            (key.clone(), node)
        })
        .collect();
    let more = upper.iter().filter(|(key, _)| base.get(key).is_none());
    table.extend(more.cloned());
    Node {
        value: Value::Table(table),
        origin: top.origin.clone(),
    }
}

/// Lists a node and what is below it: tables and lists of tables by their keys, all else as a row.
fn list(node: &Node, key: &str, secret: bool, rows: &mut Vec<Shown>) {
    match &node.value {
        Value::Table(table) => {
            for (name, child) in table {
                let path = match key {
                    "" => name.clone(),
                    key => format!("{key}.{name}"),
                };
                let secret = secret && name != "name" || is_secret(name, child);
                list(child, &path, secret, rows);
            }
        }
        Value::List(items) if items.iter().any(|item| secret || stands_alone(item)) => {
            for (index, item) in items.iter().enumerate() {
                list(item, &format!("{key}[{index}]"), secret, rows);
            }
        }
        _ => rows.push(Shown {
            key: key.to_owned(),
            value: if (secret || node.origin.is_reference()) && !is_list(node) {
                MASK.to_owned()
            } else {
                written(node)
            },
            origin: node.origin.clone(),
        }),
    }
}

fn is_secret(key: &str, node: &Node) -> bool {
    SECRETS.contains(&key) || SECRET_TABLES.contains(&key) && is_table(node)
}

fn is_list(node: &Node) -> bool {
    matches!(node.value, Value::List(_))
}

/// Whether an item of a list has a row of its own: so that each of its keys has one, or because it
/// alone is masked.
fn stands_alone(item: &Node) -> bool {
    is_table(item) || item.origin.is_reference()
}

fn is_table(node: &Node) -> bool {
    matches!(node.value, Value::Table(_))
}

/// A value as TOML writes it.
fn written(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quoted(&without_credentials(text)),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Date(date) => date.clone(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(_) => "{…}".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The same text; of a URL, its user, its password and its query are masked: some services take a
/// token for a user.
fn without_credentials(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return text.to_owned();
    };
    let (user, password) = (!url.username().is_empty(), url.password().is_some());
    if !url.has_host() || !(user || password || url.query().is_some()) {
        return text.to_owned();
    }
    if user && url.set_username("secret").is_err()
        || password && url.set_password(Some("secret")).is_err()
    {
        return MASK.to_owned();
    }
    if url.query().is_some() {
        url.set_query(Some("secret"));
    }
    url.into()
}
