//! What a sink would send, printed for people.

use std::io;

use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::output::Output;
use super::table::printable;

/// Prints what a server rendered: one line of what it is, its parts by name, and behind an empty
/// line the text that goes out. JSON that stands on one line is indented.
pub(super) fn show(output: Output, rendering: &Value) -> io::Result<()> {
    let text = |name: &str| rendering[name].as_str().unwrap_or_default();
    let title = |title: String| output.line(printable(&title).bold());
    match text("kind") {
        "request" => {
            title(format!("{} {}", text("method"), text("url")))?;
            parts(output, &rendering["headers"], ": ")?;
            content(output, text("body"))
        }
        "line" => {
            title(text("path").to_owned())?;
            content(output, text("line"))
        }
        "mail" => {
            title(text("subject").to_owned())?;
            for (name, value) in [("server", text("server")), ("from", text("from"))] {
                part(output, name, ": ", value)?;
            }
            for to in rendering["to"].as_array().into_iter().flatten() {
                part(output, "to", ": ", to.as_str().unwrap_or_default())?;
            }
            content(output, text("text"))
        }
        "program" => {
            let words = rendering["args"].as_array().into_iter().flatten();
            let words = words.map(|word| format!(" {word}"));
            title(format!("{}{}", text("program"), words.collect::<String>()))?;
            parts(output, &rendering["environment"], "=")?;
            content(output, text("input"))
        }
        // A server that is newer than this command.
        _ => super::table::show(output, rendering),
    }
}

fn parts(output: Output, object: &Value, between: &str) -> io::Result<()> {
    for (name, value) in object.as_object().into_iter().flatten() {
        part(output, name, between, value.as_str().unwrap_or_default())?;
    }
    Ok(())
}

fn part(output: Output, name: &str, between: &str, value: &str) -> io::Result<()> {
    let name = printable(name);
    output.line(format_args!("{}{between}{}", name.cyan(), printable(value)))
}

fn content(output: Output, text: &str) -> io::Result<()> {
    output.line("")?;
    output.text(&readable(text))
}

/// The text, or what it says as JSON on several lines where all of that stands on one.
fn readable(text: &str) -> String {
    let is_structure = text.starts_with(['{', '[']) && !text.contains('\n');
    match serde_json::from_str::<Value>(text) {
        // Values that were JSON can be written as JSON.
        Ok(json) if is_structure => serde_json::to_string_pretty(&json).unwrap_or_default(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_on_one_line_is_spread_and_everything_else_stays_as_it_is() {
        insta::assert_snapshot!(readable(r#"{"a":[1,"b"]}"#), @r#"
        {
          "a": [
            1,
            "b"
          ]
        }
        "#);
        for text in ["{\n\"a\": 1}", "Task done", "{no json", "12", ""] {
            assert_eq!(readable(text), text);
        }
    }
}
