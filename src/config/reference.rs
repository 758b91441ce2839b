//! Puts values from files and the environment where the configuration refers to them.

use std::path::Path;

use super::environment::Environment;
use super::environment::read_value;
use super::fault::Fault;
use super::node::Node;
use super::node::Table;
use super::node::Value;
use super::origin::Source;

/// Tables whose keys are their owner's: one of them with the single key `file` is no reference.
const FREE_FORM: [&str; 4] = ["metadata", "headers", "env", "query"];

/// Where a variable that is not set leaves the key absent instead of being an error: a server
/// without a secret waits for one, and without a key it does not ask the Cloud API.
const MAY_BE_ABSENT: [&[&str]; 2] = [&["endpoint", "secrets"], &["cloud", "api_key"]];

/// Resolves every reference below the root.
pub(super) fn resolve(root: &mut Node, environment: &Environment) -> Result<(), Fault> {
    Resolver { environment }
        .walk(root, &mut Vec::new())
        .map(drop)
}

/// What became of a node.
enum Outcome {
    Kept,
    Absent,
}

struct Resolver<'a> {
    environment: &'a Environment,
}

impl Resolver<'_> {
    /// Resolves a node. `path` holds the keys above it, without the positions in lists.
    fn walk(&self, node: &mut Node, path: &mut Vec<String>) -> Result<Outcome, Fault> {
        let free = path
            .last()
            .is_some_and(|key| FREE_FORM.contains(&key.as_str()));
        let origin = node.origin.clone();
        match &mut node.value {
            Value::Table(table) if !free && is_reference(table) => self
                .read(node, path)
                .map_err(|fault| fault.read_from(&origin)),
            Value::Table(table) => {
                let mut kept = Table::new();
                for (key, mut child) in std::mem::take(table) {
                    path.push(key.clone());
                    let outcome = self.walk(&mut child, path);
                    path.pop();
                    if let Outcome::Kept = outcome.map_err(|fault| fault.under(&key))? {
                        kept.push((key, child));
                    }
                }
                *table = kept;
                Ok(Outcome::Kept)
            }
            Value::List(items) => {
                let mut kept = Vec::new();
                for (index, mut item) in std::mem::take(items).into_iter().enumerate() {
                    let outcome = self.walk(&mut item, path);
                    if let Outcome::Kept = outcome.map_err(|fault| fault.item(index))? {
                        kept.push(item);
                    }
                }
                *items = kept;
                Ok(Outcome::Kept)
            }
            _ => Ok(Outcome::Kept),
        }
    }

    /// Reads what a reference refers to, and keeps the name beside it.
    fn read(&self, node: &mut Node, path: &[String]) -> Result<Outcome, Fault> {
        let name = node.get("name").cloned();
        let (text, source) = match (text_of(node, "env"), text_of(node, "file")) {
            (Some(variable), None) => match self.environment.get(&variable)? {
                Some(found) => found,
                None if may_be_absent(path) => return Ok(Outcome::Absent),
                None => {
                    return Err(Fault::other(format_args!(
                        "comes from the environment variable {variable}, which is not set"
                    )));
                }
            },
            (None, Some(file)) => match read_value(Path::new(&file)) {
                Ok(text) => (text, Source::File(file)),
                Err(why) => {
                    return Err(Fault::other(format_args!(
                        "comes from the file {file}: {why}"
                    )));
                }
            },
            _ => {
                return Err(Fault::other("has both `env` and `file`: keep one"));
            }
        };
        let value = Node {
            value: Value::Text(text),
            origin: node.origin.via(source),
        };
        match name {
            None => *node = value,
            Some(name) => {
                node.value =
                    Value::Table(vec![("name".to_owned(), name), ("value".to_owned(), value)]);
            }
        }
        Ok(Outcome::Kept)
    }
}

/// `{ env = "…" }` or `{ file = "…" }`, perhaps with a name.
fn is_reference(table: &Table) -> bool {
    let text = |node: &Node| node.as_text().is_some();
    table
        .iter()
        .all(|(key, node)| ["env", "file", "name"].contains(&key.as_str()) && text(node))
        && table.iter().any(|(key, _)| key != "name")
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_text).map(str::to_owned)
}

fn may_be_absent(path: &[String]) -> bool {
    MAY_BE_ABSENT.iter().any(|known| path == *known)
}
