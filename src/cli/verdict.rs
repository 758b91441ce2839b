//! Why a sink did or did not get an event, printed for people.

use std::io;

use serde_json::Value;
use serde_json::json;

use super::output::Output;
use super::table;
use super::table::Column;
use super::table::printable;

/// Of a part of the filter; the last column is left out where nobody has a remark.
const PARTS: [Column; 5] = [
    ("PART", "/part"),
    ("HOLDS", "/holds"),
    ("WANTED", "/wanted"),
    ("FOUND", "/found"),
    ("NOTE", "/note"),
];

/// Of a delivery. Its event and its sink are known.
const DELIVERIES: [Column; 4] = [
    ("ID", "/id"),
    ("STATE", "/state"),
    ("ATTEMPTS", "/attempts"),
    ("LAST ANSWER", "/last_answer"),
];

/// Prints a sentence, what each part of the filter says, and the deliveries there are.
pub(super) fn show(output: Output, answer: &Value) -> io::Result<()> {
    if output.json {
        return output.json(answer);
    }
    output.line(printable(answer["summary"].as_str().unwrap_or_default()))?;
    let verdicts = answer["verdicts"].as_array().into_iter().flatten();
    let rows: Vec<Value> = verdicts.map(row).collect();
    let has_remarks = rows.iter().any(|row| !row["note"].is_null());
    let columns = if has_remarks { 5 } else { 4 };
    table::list(output, &PARTS[..columns], &rows)?;
    match answer["deliveries"].as_array() {
        Some(deliveries) if !deliveries.is_empty() => {
            output.line("")?;
            table::list(output, &DELIVERIES, deliveries)
        }
        _ => Ok(()),
    }
}

/// A verdict in the words of people. What is not asked for is any.
fn row(verdict: &Value) -> Value {
    let wanted = match &verdict["wanted"] {
        Value::Array(values) if values.is_empty() => json!("any"),
        Value::Array(values) => {
            let values = values
                .iter()
                .map(|value| value.as_str().unwrap_or_default());
            json!(values.collect::<Vec<_>>().join(", "))
        }
        wanted => wanted.clone(),
    };
    json!({
        "part": verdict["part"],
        "holds": if verdict["holds"] == true { "yes" } else { "no" },
        "wanted": wanted,
        "found": verdict["found"],
        "note": verdict["note"],
    })
}
