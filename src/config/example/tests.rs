use serde::Deserialize as _;

use super::*;
use crate::config::Config;
use crate::config::Environment;
use crate::config::Loaded;
use crate::config::fault::Fault;
use crate::config::reference;
use crate::config::sink;
use crate::sinks::REACH_KEYS;

/// The example with every key that it shows commented out: `#key` is one, `# Words` are none.
fn uncommented() -> String {
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn load(text: &str) -> Config {
    let environment: Environment = [("TIDINGS_CONFIG_TOML", text)].into_iter().collect();
    Loaded::read(None, environment).unwrap().config
}

/// All of it, with values where it refers to the environment.
fn nodes() -> Node {
    let environment: Environment = [
        "BROWSER_USE_WEBHOOK_SECRET",
        "BROWSER_USE_WEBHOOK_SECRET_2",
        "BROWSER_USE_API_KEY",
    ]
    .map(|variable| (variable, "a value"))
    .into_iter()
    .collect();
    let mut nodes = Node::parse(&uncommented(), &Arc::from("")).unwrap();
    reference::resolve(&mut nodes, &environment).unwrap();
    nodes
}

fn typed(nodes: &Node) -> Result<(), Fault> {
    Config::deserialize(nodes)?;
    sink::read(nodes).map(drop)
}

#[test]
fn the_example_as_it_stands_says_what_is_the_default() {
    let shown = format!("{:#?}", load(EXAMPLE));
    let default = format!("{:#?}", Config::default());
    assert_eq!(shown, default);
}

#[test]
fn the_example_is_right_with_every_key_uncommented() {
    let config = load(&uncommented());
    let names: Vec<_> = config.sinks.iter().map(|sink| &sink.common.name).collect();
    assert_eq!(names.len(), 10, "{names:?}");
}

#[test]
fn the_defaults_of_sinks_are_shown_as_they_are() {
    let least = "[[sink]]\nname = \"a\"\ntype = \"file\"\npath = \"a\"\n";
    let all = format!("{least}{}", sink::DEFAULTS);
    assert_eq!(
        format!("{:?}", load(least).sinks),
        format!("{:?}", load(&all).sinks)
    );
}

/// A path in a configuration: keys, and positions in lists.
type Path = Vec<Result<String, usize>>;

/// Every value below the node, with its path.
fn walk(node: &Node, path: &mut Path, found: &mut Vec<Path>) {
    match &node.value {
        Value::Table(table) => {
            for (key, child) in table {
                path.push(Ok(key.clone()));
                found.push(path.clone());
                walk(child, path, found);
                path.pop();
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Err(index));
                found.push(path.clone());
                walk(item, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn at<'a>(node: &'a mut Node, path: &[Result<String, usize>]) -> &'a mut Node {
    path.iter()
        .fold(node, |node, step| match (&mut node.value, step) {
            (Value::Table(table), Ok(key)) => {
                &mut table.iter_mut().find(|(k, _)| k == key).unwrap().1
            }
            (Value::List(items), Err(index)) => &mut items[*index],
            _ => unreachable!("the path was found in this node"),
        })
}

fn written(path: &[Result<String, usize>]) -> String {
    path.iter().fold(String::new(), |text, step| match step {
        Ok(key) if text.is_empty() => key.clone(),
        Ok(key) => format!("{text}.{key}"),
        Err(index) => format!("{text}[{index}]"),
    })
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_its_key() {
    let whole = nodes();
    let mut paths = Vec::new();
    walk(&whole, &mut Vec::new(), &mut paths);
    assert!(paths.len() > 50, "{paths:?}");

    for path in paths {
        let mut broken = whole.clone();
        let node = at(&mut broken, &path);
        node.value = match node.value {
            Value::Boolean(_) => Value::Integer(7),
            _ => Value::Boolean(true),
        };
        let fault = typed(&broken).expect_err(&written(&path));
        assert_eq!(fault.path(), written(&path), "{fault}");
    }
}

/// Tables whose keys are their owner's.
const OWNERS: [&str; 4] = ["metadata", "headers", "env", "query"];

#[test]
fn the_example_has_every_key_there_is() {
    let whole = nodes();
    let mut paths = Vec::new();
    walk(&whole, &mut Vec::new(), &mut paths);
    paths.push(Vec::new());
    let free = |path: &Path| {
        path.last()
            .is_some_and(|step| matches!(step, Ok(key) if OWNERS.contains(&key.as_str())))
    };

    let mut asked = 0;
    for path in paths.into_iter().filter(|path| !free(path)) {
        let mut asking = whole.clone();
        let Value::Table(table) = &mut at(&mut asking, &path).value else {
            continue;
        };
        // Sinks show their keys in turns: each kind its own, one of them those that all have, and one
        // those of all that call somebody.
        let in_sinks = path.len() == 2 && path[0].as_deref() == Ok("sink");
        let mut shown: Vec<String> = table.iter().map(|(key, _)| key.clone()).collect();
        if in_sinks {
            shown.extend(sink::COMMON.map(str::to_owned));
            shown.extend(REACH_KEYS.map(str::to_owned));
        }
        table.push(("no-such-key".to_owned(), Node::text("")));

        let fault = typed(&asking).expect_err(&written(&path));
        let known = fault.known_keys();
        let missing: Vec<_> = known.iter().filter(|key| !shown.contains(key)).collect();
        assert!(!known.is_empty(), "{fault}");
        assert!(missing.is_empty(), "{}: {missing:?}", written(&path));
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
}
