//! What Browser Use tells, as commands print it: for programs as it came, for people with its times
//! as every other table shows them.

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::table;
use crate::cli::table::Column;
use crate::cloud::Moment;
use crate::event::view::time;

/// The fields that are times, as the versions spell them.
const TIMES: [&str; 10] = [
    "created_at",
    "createdAt",
    "end_at",
    "finished_at",
    "finishedAt",
    "next_run_at",
    "start_at",
    "startedAt",
    "updated_at",
    "updatedAt",
];

/// Prints a listing.
pub(super) fn list(
    context: &Context,
    columns: &[Column],
    mut rows: Vec<Value>,
) -> anyhow::Result<()> {
    if !context.output.json {
        rows.iter_mut().for_each(in_utc);
    }
    Ok(table::list(context.output, columns, &rows)?)
}

/// Prints one thing with all its fields.
pub(super) fn show(context: &Context, thing: &impl Serialize) -> anyhow::Result<()> {
    let mut thing = serde_json::to_value(thing)?;
    if !context.output.json {
        in_utc(&mut thing);
        // Cookies are no sight for a screen.
        if thing["browser_data"].is_object() {
            thing["browser_data"] = "kept; --json shows it".into();
        }
    }
    Ok(table::show(context.output, &thing)?)
}

/// Prints the word for how something stands, where the API tells it alone.
pub(super) fn status(context: &Context, status: &str) -> anyhow::Result<()> {
    let told = json!({ "status": status });
    Ok(context.output.word(&told, status)?)
}

/// Puts times into UTC: the API writes some without a zone.
fn in_utc(thing: &mut Value) {
    for field in TIMES {
        let moment = thing[field].as_str().map(Moment::from);
        if let Some(at) = moment.and_then(|moment| moment.read()) {
            thing[field] = time(at).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_one_way_whatever_zone_they_name() {
        let mut thing = json!({
            "created_at": "2025-05-25T09:22:22", "updatedAt": "2025-05-25T11:22:22.5+02:00",
            "end_at": "soon", "task": "2025-05-25T09:22:22",
        });
        in_utc(&mut thing);
        let expected = json!({
            "created_at": "2025-05-25T09:22:22.000000Z", "updatedAt": "2025-05-25T09:22:22.500000Z",
            "end_at": "soon", "task": "2025-05-25T09:22:22",
        });
        assert_eq!(thing, expected);
    }
}
