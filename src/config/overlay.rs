//! The environment on top of the file: a container needs no file at all.
//!
//! It only puts references in place, so that they are read like those that somebody wrote down.

use super::environment::Environment;
use super::fault::Fault;
use super::node::Node;
use super::node::Table;
use super::node::Value;
use super::origin::Origin;
use super::origin::Source;

/// Variables that set one key.
const KEYS: [(&str, &[&str]); 4] = [
    ("TIDINGS_MODE", &["mode"]),
    ("TIDINGS_LISTEN", &["server", "listen"]),
    ("TIDINGS_STORE_URL", &["store", "url"]),
    ("BROWSER_USE_API_KEY", &["cloud", "api_key"]),
];

/// Variables that hold webhook secrets; the second while rotating.
const SECRETS: [&str; 2] = ["BROWSER_USE_WEBHOOK_SECRET", "BROWSER_USE_WEBHOOK_SECRET_2"];

/// Variables that set a key of the sink `default`.
const SINK: [(&str, &str); 3] = [
    ("TIDINGS_SINK_URL", "url"),
    ("TIDINGS_SINK_SECRET", "signing_secrets"),
    ("TIDINGS_SINK_ALLOW_PRIVATE", "allow_private"),
];

/// The endpoint and the sink that the environment alone can set up.
const DEFAULT: &str = "default";

/// Lays the environment over what the file says.
pub(super) fn apply(root: &mut Node, environment: &Environment) -> Result<(), Fault> {
    for (variable, path) in KEYS {
        if environment.get(variable)?.is_some() {
            set(root, path, reference(variable));
        }
    }
    for variable in SECRETS {
        if environment.get(variable)?.is_some() && !refers_to(root, variable) {
            add_secret(root, variable);
        }
    }
    apply_sink(root, sink_settings(environment)?)
}

/// `{ env = "variable" }`, written nowhere.
fn reference(variable: &str) -> Node {
    Value::Table(vec![("env".to_owned(), Node::text(variable))]).into()
}

fn set(root: &mut Node, path: &[&str], node: Node) {
    match path {
        [] => {}
        [key] => root.set(key, node),
        [key, rest @ ..] => {
            if let Some(inner) = root.entry(key, Value::Table(Table::new())) {
                set(inner, rest, node);
            }
        }
    }
}

/// Whether the file itself refers to the variable: then it knows better where the value goes.
fn refers_to(node: &Node, variable: &str) -> bool {
    match &node.value {
        Value::Table(table) => table.iter().any(|(key, child)| {
            (key == "env" && child.as_text() == Some(variable)) || refers_to(child, variable)
        }),
        Value::List(items) => items.iter().any(|item| refers_to(item, variable)),
        _ => false,
    }
}

/// Adds a secret to the endpoint `default`, else to the first there is, else to a new one.
fn add_secret(root: &mut Node, variable: &str) {
    let Some(endpoints) = root.entry("endpoint", Value::List(Vec::new())) else {
        return;
    };
    if let Some(secrets) = named_or_first(endpoints)
        .and_then(|endpoint| endpoint.entry("secrets", Value::List(Vec::new())))
        && let Value::List(secrets) = &mut secrets.value
    {
        secrets.push(reference(variable));
    }
}

fn named_or_first(list: &mut Node) -> Option<&mut Node> {
    let Value::List(items) = &mut list.value else {
        return None;
    };
    if items.is_empty() {
        items.push(Value::Table(Table::new()).into());
    }
    let at = items.iter().position(is_default).unwrap_or(0);
    items.get_mut(at)
}

/// Whether this is the endpoint or sink `default`; an endpoint without a name is.
fn is_default(item: &Node) -> bool {
    item.get("name")
        .is_none_or(|name| name.as_text() == Some(DEFAULT))
}

/// A variable that sets a key of the sink `default`.
struct Setting {
    variable: &'static str,
    key: &'static str,
    value: Node,
}

/// What the environment says of the sink `default`.
fn sink_settings(environment: &Environment) -> Result<Vec<Setting>, Fault> {
    let mut settings = Vec::new();
    for (variable, key) in SINK {
        let Some((text, source)) = environment.get(variable)? else {
            continue;
        };
        let value = match key {
            "signing_secrets" => Value::List(vec![reference(variable)]).into(),
            "allow_private" => switch(variable, &text, source)?,
            _ => reference(variable),
        };
        settings.push(Setting {
            variable,
            key,
            value,
        });
    }
    Ok(settings)
}

/// A switch: unlike all else, it is no text in a file.
fn switch(variable: &str, text: &str, source: Source) -> Result<Node, Fault> {
    let value = match text {
        "true" => true,
        "false" => false,
        _ => {
            return Err(Fault::other(format_args!(
                "{variable} is neither \"true\" nor \"false\""
            )));
        }
    };
    Ok(Node {
        value: Value::Boolean(value),
        origin: Origin::default().via(source),
    })
}

/// One HTTP sink named `default`: the file's own of that name, or a new one.
fn apply_sink(root: &mut Node, settings: Vec<Setting>) -> Result<(), Fault> {
    let Some(first) = settings.first() else {
        return Ok(());
    };
    let Some(Node {
        value: Value::List(sinks),
        ..
    }) = root.entry("sink", Value::List(Vec::new()))
    else {
        return Ok(());
    };
    let at = sinks
        .iter()
        .position(|sink| sink.get("name").and_then(Node::as_text) == Some(DEFAULT));
    if at.is_none() {
        if settings.iter().all(|setting| setting.key != "url") {
            return Err(Fault::other(format_args!(
                "{} is set, but there is no sink it is for: set TIDINGS_SINK_URL too, or name a \
                 sink `default`",
                first.variable
            )));
        }
        sinks.push(Value::Table(Table::new()).into());
    }
    let at = at.unwrap_or(sinks.len() - 1);
    let Some(sink) = sinks.get_mut(at) else {
        return Ok(());
    };
    sink.entry("name", Value::Text(DEFAULT.to_owned()));
    sink.entry("type", Value::Text("http".to_owned()));
    for setting in settings {
        sink.set(setting.key, setting.value);
    }
    Ok(())
}
