//! Listings: a table with colour for people, JSON lines for programs.

use std::io;

use comfy_table::Cell;
use comfy_table::Color;
use comfy_table::ColumnConstraint;
use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::Width;
use comfy_table::presets;
use serde_json::Value;

use super::output::Output;

/// A value in a table is cut to so many characters.
const CUT: usize = 80;

/// A character that no JSON has in it as it is written.
const NEVER: char = '\0';

/// What a person looks for first when one object is shown, in this order; the rest follows by name.
/// Browser Use writes some of them in `camelCase`.
const FIRST: [&str; 28] = [
    "id",
    "profile_id",
    "name",
    "profile_name",
    "kind",
    "type",
    "cause",
    "state",
    "status",
    "outcome",
    "is_success",
    "is_task_successful",
    "reason",
    "diagnosis",
    "task",
    "title",
    "output",
    "result",
    "error",
    "event_id",
    "sink",
    "task_id",
    "run_id",
    "session_id",
    "created_at",
    "started_at",
    "finished_at",
    "received_at",
];

/// A column: its title, and where its value is in an object.
pub(super) type Column = (&'static str, &'static str);

/// Prints objects: each a line of JSON, or a row of a table.
pub(super) fn list(output: Output, columns: &[Column], rows: &[Value]) -> io::Result<()> {
    if output.json {
        return rows.iter().try_for_each(|row| output.json(row));
    }
    if rows.is_empty() {
        output.note("nothing found");
        return Ok(());
    }
    let mut table = empty(output);
    table.set_header(columns.iter().map(|(title, _)| *title));
    for row in rows {
        table.add_row(
            columns
                .iter()
                .map(|(_, pointer)| cell(output, row.pointer(pointer))),
        );
    }
    keep_words_whole(&mut table);
    print(output, &table)
}

/// Breaks values at blanks alone, however narrow the terminal: an id that stands on two lines
/// cannot be copied.
fn keep_words_whole(table: &mut Table) {
    for index in 0..table.column_count() {
        let title = table.header().and_then(|row| row.cell_iter().nth(index));
        let cells = table.column_cells_iter(index).flatten().chain(title);
        let words = cells.map(|cell| widest_word(&cell.content()));
        let widest = words.max().unwrap_or(0);
        if let Some(column) = table.column_mut(index) {
            let width = widest.saturating_add(column.padding_width());
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
    }
}

/// How many characters the longest word has.
fn widest_word(text: &str) -> u16 {
    let longest = text.split(' ').map(|word| word.chars().count()).max();
    longest.map_or(0, |length| u16::try_from(length).unwrap_or(u16::MAX))
}

/// Prints one object: a line of JSON, or a row for each of its values.
pub(super) fn show(output: Output, object: &Value) -> io::Result<()> {
    if output.json {
        return output.json(object);
    }
    let mut values: Vec<_> = object.as_object().into_iter().flatten().collect();
    values.sort_by_key(|(key, _)| place(key));
    let mut table = empty(output);
    for (key, value) in values {
        table.add_row([Cell::new(key), whole(output, value)]);
    }
    print(output, &table)
}

/// Where a value stands when its object is shown. The sort is stable, so equals keep their order.
fn place(key: &str) -> usize {
    let key = snake_case(key);
    FIRST
        .iter()
        .position(|first| *first == key)
        .unwrap_or(FIRST.len())
}

/// `sessionId` as `session_id`.
fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 1);
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn empty(output: Output) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if !output.terminal {
        table.force_no_tty();
    } else if table.width() != Some(0) {
        // A terminal that does not know how wide it is says 0.
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

fn print(output: Output, table: &Table) -> io::Result<()> {
    for line in table.to_string().lines() {
        output.line(line.trim_end())?;
    }
    Ok(())
}

/// A value short enough for a row.
fn cell(output: Output, value: Option<&Value>) -> Cell {
    let text = printable(&text(value.unwrap_or(&Value::Null)));
    let mut short: String = text.chars().take(CUT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    coloured(output, short)
}

/// A value with a line to itself: structures are spread over several.
fn whole(output: Output, value: &Value) -> Cell {
    match value {
        Value::Object(_) | Value::Array(_) => {
            // Values that were JSON can be written as JSON.
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            // Broken at its end, and not at a blank, a long line stands where it is nested.
            Cell::new(text).set_delimiter(NEVER)
        }
        value => coloured(output, printable(&text(value))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => moment(text).unwrap_or_else(|| text.clone()),
        value => value.to_string(),
    }
}

/// A time without its fraction of a second, which tells a person nothing.
fn moment(text: &str) -> Option<String> {
    let (seconds, fraction) = text.strip_suffix('Z')?.split_once('.')?;
    let is_fraction = fraction.len() == 6 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    (is_fraction && seconds.len() == 19).then(|| format!("{}Z", seconds.replace('T', " ")))
}

/// Words that say how something fares, in its colour.
fn coloured(output: Output, text: String) -> Cell {
    let colour = match text.as_str() {
        "delivered" | "active" | "finished" | "completed" => Color::Green,
        "created" | "started" | "running" | "idle" | "queued" | "dispatching" => Color::Cyan,
        "pending" | "waiting" | "leased" | "open" | "paused" => Color::Yellow,
        "dead" | "failed" | "stopped" | "orphaned" | "error" | "timed_out" | "cancelled" => {
            Color::Red
        }
        "discarded" | "-" => Color::DarkGrey,
        _ => return Cell::new(text),
    };
    if output.terminal {
        Cell::new(text).fg(colour)
    } else {
        Cell::new(text)
    }
}

/// The text without anything that a terminal would obey: what strangers sent must not move the
/// cursor or rename the window.
pub(super) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_sent_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
    }

    #[test]
    fn words_stay_whole_on_a_narrow_terminal() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(20);
        table.set_header(["ID", "FIRST SEEN"]);
        table.add_row(["evt_01a2096a-55e7-8418", "2026-11-23 17:18:13Z"]);
        keep_words_whole(&mut table);
        insta::assert_snapshot!(table.trim_fmt(), @r"
        ID                      FIRST SEEN
        evt_01a2096a-55e7-8418  2026-11-23
                                17:18:13Z
        ");
    }

    #[test]
    fn a_long_line_stays_where_it_is_nested() {
        let output = Output {
            json: false,
            terminal: false,
        };
        let steps = serde_json::json!([{ "url": "https://example.com/a/long/way" }]);
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(36);
        table.add_row([Cell::new("steps"), whole(output, &steps)]);
        insta::assert_snapshot!(table.trim_fmt(), @r#"
        steps  [
                 {
                   "url": "https://example
               .com/a/long/way"
                 }
               ]
        "#);
    }

    #[test]
    fn what_people_look_for_comes_first_and_the_rest_by_name() {
        let mut keys = ["body", "attempts", "sessionId", "task_id", "id"];
        keys.sort_unstable();
        keys.sort_by_key(|key| place(key));
        assert_eq!(keys, ["id", "task_id", "sessionId", "attempts", "body"]);
    }

    #[test]
    fn times_are_shown_to_the_second_and_other_text_as_it_is() {
        assert_eq!(
            moment("2026-11-23T01:02:03.000004Z").as_deref(),
            Some("2026-11-23 01:02:03Z")
        );
        assert_eq!(moment("v1.000004Z"), None);
    }
}
