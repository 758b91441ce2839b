//! `[[sink]]`: where events go.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;

use super::fault::Fault;
use super::node::Node;
use super::node::Table;
use super::node::Value;
use crate::dispatch::BatchPolicy;
use crate::dispatch::BreakerPolicy;
use crate::dispatch::RetryPolicy;
use crate::dispatch::Superseded;
use crate::name::SinkName;
use crate::rate::Rate;
use crate::routing::Filter;
use crate::sinks::REACH_KEYS;
use crate::sinks::Reach;
use crate::sinks::SinkKind;

/// A place events go to.
#[derive(Clone, Debug)]
pub struct Sink {
    /// What every kind of sink has.
    pub common: Common,
    /// How it reaches what it calls, if it calls somebody.
    pub reach: Reach,
    /// What it is.
    pub kind: SinkKind,
}

/// What every kind of sink has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// Its name. A sink is known by it: rename one, and it is a new sink.
    pub name: SinkName,

    /// Which events it gets.
    #[serde(default)]
    pub filter: Filter,

    /// How long one try may take.
    #[serde(default = "timeout", with = "crate::period")]
    pub timeout: Duration,

    /// How many deliveries may be under way at once.
    #[serde(default = "concurrency")]
    pub concurrency: NonZeroUsize,

    /// How many tries may begin in a stretch of time.
    #[serde(default)]
    pub rate: Option<Rate>,

    /// How it takes several events at once.
    #[serde(default)]
    pub batch: Option<BatchPolicy>,

    /// What waits for what.
    #[serde(default)]
    pub order: Ordering,

    /// What becomes of a status that was overtaken before it could be sent.
    #[serde(default)]
    pub superseded: Superseded,

    /// What is looked up before an event is sent.
    #[serde(default)]
    pub enrich: Option<Enrich>,

    /// How patient its deliveries are.
    #[serde(default)]
    pub retry: RetryPolicy,

    /// When it is left alone.
    #[serde(default)]
    pub breaker: BreakerPolicy,
}

/// What waits for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ordering {
    /// Events of one task go one after the other.
    #[default]
    Task,
    /// Nothing waits.
    None,
}

/// What is looked up before an event is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enrich {
    /// The task it is about.
    Task,
}

/// The keys of [`Common`]; all others belong to the kind.
pub(super) const COMMON: [&str; 11] = [
    "name",
    "filter",
    "timeout",
    "concurrency",
    "rate",
    "batch",
    "order",
    "superseded",
    "enrich",
    "retry",
    "breaker",
];

/// The defaults of [`Common`] as `config show` prints them.
pub(super) const DEFAULTS: &str = r#"
    timeout = "10s"
    concurrency = 16
    order = "task"
    superseded = "deliver"
    retry = { first = "5s", factor = 2.0, longest = "1h", jitter = 0.25, give_up_after = "7d" }
    breaker = { failures = 10, first = "10s", longest = "5m" }
"#;

fn timeout() -> Duration {
    Duration::from_secs(10)
}

fn concurrency() -> NonZeroUsize {
    const { NonZeroUsize::new(16).expect("16 is not 0") }
}

/// Leaves the sinks to [`read`], which must see their keys before they are typed.
pub(super) fn later<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Sink>, D::Error> {
    Vec::<IgnoredAny>::deserialize(deserializer).map(|_| Vec::new())
}

/// Reads every `[[sink]]`.
pub(super) fn read(root: &Node) -> Result<Vec<Sink>, Fault> {
    let Some(Node {
        value: Value::List(items),
        ..
    }) = root.get("sink")
    else {
        return Ok(Vec::new());
    };
    items
        .iter()
        .enumerate()
        .map(|(index, node)| read_one(node).map_err(|fault| fault.item(index).under("sink")))
        .collect()
}

/// Parts a sink's keys between what all have, what all have that call somebody, and what its kind
/// has.
fn read_one(node: &Node) -> Result<Sink, Fault> {
    let Value::Table(table) = &node.value else {
        return Err(Fault::other("is no table: write `[[sink]]`").read_from(&node.origin));
    };
    let kind = node.get("type").and_then(Node::as_text);
    let reach_keys: &[&str] = match kind {
        Some(kind) if SinkKind::calls(kind) => &REACH_KEYS,
        _ => &[],
    };
    let (common, rest) = part(table, &COMMON);
    let (reach, kind) = part(&rest, reach_keys);
    let node = |table| Node {
        value: Value::Table(table),
        origin: node.origin.clone(),
    };
    let kind = SinkKind::deserialize(&node(kind))
        .map_err(|fault| fault.or_known(&COMMON).or_known(reach_keys))?;
    Ok(Sink {
        common: Common::deserialize(&node(common))?,
        reach: Reach::deserialize(&node(reach))?,
        kind,
    })
}

/// The entries with one of these keys, and all others.
fn part(table: &Table, keys: &[&str]) -> (Table, Table) {
    table
        .iter()
        .cloned()
        .partition(|(key, _)| keys.contains(&key.as_str()))
}
