//! The manual of each kind of sink: what it shows is right as it stands.

use tidings::app;
use tidings::config::Environment;
use tidings::config::Loaded;

use crate::harness::tree;

/// The pieces of code in this language that a page holds.
pub(super) fn code<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(fence.as_str()).skip(1);
    blocks
        .map(|rest| rest.split("\n```").next().unwrap_or_default())
        .collect()
}

/// The page of a kind of sink.
pub(super) fn page(kind: &str) -> String {
    let path = tree::root().join(format!("docs/sinks/{kind}.md"));
    std::fs::read_to_string(path).expect("each kind has a page")
}

/// The variables that a configuration refers to, each with a value.
fn variables(config: &str) -> Vec<(&str, &str)> {
    let references = config.split("env = \"").skip(1);
    references
        .filter_map(|rest| Some((rest.split('"').next()?, "a-value")))
        .collect()
}

#[test]
fn every_configuration_on_the_pages_of_sinks_is_right() {
    let mut seen = 0;
    for file in tree::files("docs/sinks", "md") {
        for text in code(&file.text, "toml") {
            let mut variables = variables(text);
            variables.push(("TIDINGS_CONFIG_TOML", text));
            let environment: Environment = variables.into_iter().collect();
            let loaded = Loaded::read(None, environment)
                .unwrap_or_else(|error| panic!("{}: {error}\n{text}", file.path));
            app::check_sinks(&loaded.config)
                .unwrap_or_else(|error| panic!("{}: {error:#}\n{text}", file.path));
            seen += 1;
        }
    }
    assert!(seen > 0, "no page was read");
}
