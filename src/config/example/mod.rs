//! The example that is shipped, which is also where `config show` finds the defaults.

use std::sync::Arc;

use crate::config::node::Node;
use crate::config::node::Value;
use crate::config::origin::Origin;

/// `config.example.toml` as shipped with this very binary. What is not commented out is the
/// default.
pub const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// The defaults as nodes. References are left out: they are for what has no default.
pub(super) fn defaults() -> Node {
    let nodes = Node::parse(EXAMPLE, &Arc::from(""))
        .expect("a test parses the example that is compiled in");
    from_nowhere(nodes)
}

/// The same nodes without origins and references.
pub(super) fn from_nowhere(mut node: Node) -> Node {
    node.origin = Origin::default();
    match &mut node.value {
        Value::Table(table) => {
            table.retain(|(_, child)| !is_reference(child));
            for (_, child) in table {
                *child = from_nowhere(child.clone());
            }
        }
        Value::List(items) => {
            items.retain(|item| !is_reference(item));
            for item in items {
                *item = from_nowhere(item.clone());
            }
        }
        _ => {}
    }
    node
}

fn is_reference(node: &Node) -> bool {
    node.get("env").is_some() || node.get("file").is_some()
}

#[cfg(test)]
mod tests;
