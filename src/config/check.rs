//! What types cannot say: rules between keys.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Config;
use super::fault::Fault;
use super::filter;
use super::node::Node;
use super::node::Value;
use super::sink::Common;
use super::sink::Sink;
use super::slots;
use crate::event::OWN_PREFIX;
use crate::sinks::Forward;

/// First parts of paths that answer something else than webhooks, now or later.
const TAKEN: [&str; 12] = [
    "api",
    "assets",
    "cloud",
    "dashboard",
    "docs",
    "favicon.ico",
    "livez",
    "login",
    "metrics",
    "openapi.json",
    "readyz",
    "stream",
];

/// The largest limit for a body, in bytes: bodies are held in memory.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Finds everything that is wrong, not only the first.
pub(super) fn check(config: &Config, nodes: &Node) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut wrong = |path: &[&str], index: Option<usize>, sentence: String| {
        faults.push(located(nodes, path, index, Fault::other(sentence)));
    };

    let server = &config.server;
    if !(1..=BODY_LIMIT).contains(&server.max_body_bytes) {
        let sentence = format!("must be from 1 to {BODY_LIMIT}");
        wrong(&["server", "max_body_bytes"], None, sentence);
    }
    for (key, count) in [
        ("max_connections", server.max_connections),
        ("max_concurrent", server.max_concurrent),
    ] {
        if count == 0 {
            wrong(&["server", key], None, "must be at least 1".to_owned());
        }
    }
    if server.admin_listen == Some(server.listen) && server.listen.port() != 0 {
        let sentence = "is the same as `server.listen`: leave it out, or take another port";
        wrong(&["server", "admin_listen"], None, sentence.to_owned());
    }
    for (path, period) in [
        (["server", "header_timeout"], server.header_timeout),
        (["server", "read_timeout"], server.read_timeout),
        (["reconcile", "every"], config.reconcile.every),
        (["reconcile", "poll_every"], config.reconcile.poll_every),
        (["retention", "events"], config.retention.events),
    ] {
        if period.is_zero() {
            wrong(&path, None, "must be longer than nothing".to_owned());
        }
    }
    for (path, url) in [
        (["server", "public_url"], server.public_url.as_ref()),
        (["server", "admin_url"], server.admin_url.as_ref()),
        (["cloud", "base_url"], Some(&config.cloud.base_url)),
    ] {
        if url.is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
            wrong(
                &path,
                None,
                "must begin with https:// or http://".to_owned(),
            );
        }
    }
    if !["sqlite:", "postgres:", "postgresql:"]
        .iter()
        .any(|scheme| config.store.url.starts_with(scheme))
    {
        let sentence = "must begin with `sqlite:`, like \"sqlite:tidings.db\"".to_owned();
        wrong(&["store", "url"], None, sentence);
    }

    let capture = &config.capture;
    for (key, bytes) in [
        ("max_file_bytes", capture.max_file_bytes),
        ("max_task_bytes", capture.max_task_bytes),
        ("max_total_bytes", capture.max_total_bytes),
    ] {
        if bytes == 0 {
            wrong(&["capture", key], None, "must be at least 1".to_owned());
        }
    }
    if capture.what.is_empty() {
        let sentence = "names nothing: leave `folder` out to keep nothing".to_owned();
        wrong(&["capture", "what"], None, sentence);
    }
    endpoints(config, &mut wrong);
    sinks(config, &mut wrong);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

type Wrong<'a> = dyn FnMut(&[&str], Option<usize>, String) + 'a;

fn endpoints(config: &Config, wrong: &mut Wrong<'_>) {
    let mut names = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for (index, endpoint) in config.endpoints.iter().enumerate() {
        let mut wrong = |key, sentence| wrong(&["endpoint", key], Some(index), sentence);
        if !names.insert(&endpoint.name) {
            wrong(
                "name",
                format!("is `{}`, which another endpoint has", endpoint.name),
            );
        }
        if !paths.insert(&endpoint.path) {
            wrong(
                "path",
                format!("is \"{}\", which another endpoint has", endpoint.path),
            );
        }
        if let Some(sentence) = path_fault(&endpoint.path) {
            wrong("path", sentence);
        }
        if endpoint.accept.is_empty() {
            wrong(
                "accept",
                "names no form, so nothing could be received: \"python\" is the documented one"
                    .to_owned(),
            );
        }
        if endpoint.max_age < Duration::from_secs(1) {
            wrong("max_age", "must be at least \"1s\"".to_owned());
        }
        if endpoint.secrets.iter().any(|named| named.secret.is_empty()) {
            wrong(
                "secrets",
                "has an empty secret, which anybody could sign with".to_owned(),
            );
        }
    }
}

/// What keeps a path from being an endpoint's.
fn path_fault(path: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    if !path.starts_with('/') || path.len() < 2 || !path.chars().all(plain) {
        return Some(
            "must begin with `/` and go on with letters, digits and `-._~`, like \"/webhook\""
                .to_owned(),
        );
    }
    let first = path.split('/').nth(1).unwrap_or_default();
    TAKEN
        .contains(&first)
        .then(|| format!("begins with \"/{first}\", which answers something else"))
}

fn sinks(config: &Config, wrong: &mut Wrong<'_>) {
    let mut names = BTreeSet::new();
    for (index, sink) in config.sinks.iter().enumerate() {
        let mut wrong = |keys: &[&str], sentence| {
            wrong(&[&["sink"], keys].concat(), Some(index), sentence);
        };
        if !names.insert(&sink.common.name) {
            wrong(
                &["name"],
                format!("is `{}`, which another sink has", sink.common.name),
            );
        }
        if sink.common.timeout.is_zero() {
            wrong(&["timeout"], "must be longer than nothing".to_owned());
        }
        if sink.common.batch.is_some() && !sink.kind.takes_batches() {
            let kind = sink.kind.as_str();
            let sentence = format!(
                "is for sinks of type \"http\" and \"file\": one of type \"{kind}\" takes an event at a \
                 time, so leave it out"
            );
            wrong(&["batch"], sentence);
        }
        for (keys, sentence) in filter::faults(&sink.common) {
            wrong(keys, sentence);
        }
        for (slot, sentence) in slots::faults(sink) {
            wrong(&slot.keys(), sentence);
        }
        for (keys, sentence) in forwarding(sink) {
            wrong(keys, sentence);
        }
    }
}

/// What would have no effect on a sink that hands on what came.
fn forwarding(sink: &Sink) -> Vec<(&'static [&'static str], String)> {
    let mut faults: Vec<(&'static [&'static str], String)> = Vec::new();
    let Some(forward) = sink.kind.forward() else {
        return faults;
    };
    let Common { enrich, filter, .. } = &sink.common;
    if enrich.is_some() && filter.task.is_none() {
        let sentence = "has no effect beside `forward`, which sends the body as it is and nothing \
                        of the task: leave one of them out";
        faults.push((&["enrich"], sentence.to_owned()));
    }
    let own = filter
        .types
        .iter()
        .find(|kind| kind.starts_with(OWN_PREFIX));
    if let (Forward::Verbatim, Some(own)) = (forward, own) {
        let sentence = format!(
            "names `{own}`, which comes by no webhook: `forward = \"verbatim\"` sends only what \
             did, and \"signed\" what Tidings tells, too"
        );
        faults.push((&["filter", "types"], sentence));
    }
    faults
}

/// The fault with its path, and the line of the value where somebody wrote one.
fn located(nodes: &Node, path: &[&str], index: Option<usize>, fault: Fault) -> Fault {
    let Some((section, keys)) = path.split_first() else {
        return fault;
    };
    let node = match (nodes.get(section), index) {
        (
            Some(Node {
                value: Value::List(items),
                ..
            }),
            Some(index),
        ) => items.get(index),
        (node, _) => node,
    };
    let value = keys.iter().fold(node, |node, key| {
        node.and_then(|node| node.get(key)).or(node)
    });

    let mut fault = match value {
        Some(value) => fault.read_from(&value.origin),
        None => fault,
    };
    for key in keys.iter().rev() {
        fault = fault.under(key);
    }
    if let Some(index) = index {
        fault = fault.item(index);
    }
    fault.under(section)
}
