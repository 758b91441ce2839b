//! A configuration as it was written: every value with its origin.
//!
//! References to files and the environment are resolved on this form, and `config show` prints it,
//! because a typed section no longer knows where its values came from.

use std::sync::Arc;

use toml::de::DeTable;
use toml::de::DeValue;

use super::origin::Origin;

/// A value and where it came from.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// A value, as TOML knows them.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// TOML has dates; no key of ours takes one.
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys and values, in the order in which they were written.
pub(super) type Table = Vec<(String, Node)>;

/// Two nodes are equal if their values are, wherever they came from.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// Reads TOML. Origins say `name` and the line.
    pub(super) fn parse(text: &str, name: &Arc<str>) -> Result<Self, toml::de::Error> {
        let document = DeTable::parse(text)?;
        let reader = Reader {
            name,
            line_starts: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(at, _)| at + 1))
                .collect(),
        };
        Ok(Self {
            value: Value::Table(reader.table(document.get_ref())),
            origin: Origin::default(),
        })
    }

    /// A text from nowhere in particular.
    pub(super) fn text(text: &str) -> Self {
        Self::from(Value::Text(text.to_owned()))
    }

    /// The value under `key`, where this is a table that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(table) = &self.value else {
            return None;
        };
        table.iter().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// The text, where this is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Puts a value under `key`, in place of one that is there. What is no table stays as it is,
    /// for the typed reading to complain about.
    pub(super) fn set(&mut self, key: &str, node: Self) {
        if let Value::Table(table) = &mut self.value {
            table.retain(|(k, _)| k != key);
            table.push((key.to_owned(), node));
        }
    }

    /// The value under `key`, after putting an empty table or list there if there was none.
    pub(super) fn entry(&mut self, key: &str, empty: Value) -> Option<&mut Self> {
        let Value::Table(table) = &mut self.value else {
            return None;
        };
        let at = table.iter().position(|(k, _)| k == key);
        let at = at.unwrap_or_else(|| {
            table.push((key.to_owned(), Self::from(empty)));
            table.len() - 1
        });
        table.get_mut(at).map(|(_, node)| node)
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self {
            value,
            origin: Origin::default(),
        }
    }
}

/// Turns the parser's values into ours, and offsets into lines.
struct Reader<'a> {
    name: &'a Arc<str>,
    line_starts: Vec<usize>,
}

impl Reader<'_> {
    fn node(&self, value: &DeValue<'_>, offset: usize) -> Node {
        Node {
            value: self.value(value),
            origin: Origin::line(
                self.name,
                self.line_starts.partition_point(|start| *start <= offset),
            ),
        }
    }

    fn value(&self, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            // A number too large for us stays text, so that the typed reading names its key.
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Integer(number),
                    Err(_) => Value::Float(f64::INFINITY),
                }
            }
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(boolean) => Value::Boolean(*boolean),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(list) => Value::List(
                list.iter()
                    .map(|item| self.node(item.get_ref(), item.span().start))
                    .collect(),
            ),
            DeValue::Table(table) => Value::Table(self.table(table)),
        }
    }

    fn table(&self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<_> = table.iter().collect();
        // The parser sorts by name; people expect to see what they wrote in their own order.
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| {
                let name = key.get_ref().clone().into_owned();
                (name, self.node(value.get_ref(), key.span().start))
            })
            .collect()
    }
}
