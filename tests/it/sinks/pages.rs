//! The manual of each kind of sink: what it shows is right as it stands.

use tidings::app;
use tidings::config::Loaded;
use tidings::config::Sink;

use crate::harness::tree;

/// The pieces of code in this language that a page holds.
pub(crate) fn code<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(fence.as_str()).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap_or_default())
        .collect()
}

/// The page of a kind of sink.
pub(crate) fn page(kind: &str) -> String {
    let path = tree::root().join(format!("docs/sinks/{kind}.md"));
    std::fs::read_to_string(path).expect("each kind has a page")
}

/// The variables that a configuration refers to, each with a value.
fn variables(config: &str) -> Vec<(&str, &str)> {
    let references = config.lines().filter_map(|line| {
        let (key, rest) = line.split_once("{ env = \"")?;
        let (name, _) = rest.split_once('"')?;
        Some((name, value(key)))
    });
    references.collect()
}

/// A value for what stands behind a key: one that could be right, where the sink looks at it.
fn value(key: &str) -> &'static str {
    match key.trim_end_matches(" = ") {
        "routing_key" => "0123456789abcdef0123456789ABCDEF",
        "token" => "123456789:AAE-a-value",
        key if key.ends_with("url") => "https://example.com/a-value",
        _ => "a-value",
    }
}

/// The sinks that a configuration describes. What it refers to has a [`value`].
pub(crate) fn sinks(config: &str) -> Vec<Sink> {
    let mut variables = variables(config);
    variables.push(("TIDINGS_CONFIG_TOML", config));
    let loaded = Loaded::read(None, variables.into_iter().collect());
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}\n{config}"));
    app::check_sinks(&loaded.config).unwrap_or_else(|error| panic!("{error:#}\n{config}"));
    loaded.config.sinks
}

#[tokio::test]
async fn every_configuration_on_the_pages_of_sinks_is_right() {
    let mut seen = 0;
    for file in tree::files("docs/sinks", "md") {
        for text in code(&file.text, "toml") {
            seen += sinks(text).len();
        }
    }
    assert!(seen > 0, "no page was read");
}
