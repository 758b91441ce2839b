//! What a task's row must say for a filter to want it.

use crate::store::TaskFilter;
use crate::store::sqlite::codes::micros;
use crate::store::sqlite::script::Values;
use crate::task::TaskState;

/// Which of the vendor's words a task may stand under.
pub(super) enum Words<'a> {
    /// Any, or none.
    Any,
    /// One of these.
    OneOf(Vec<&'a str>),
    /// Any other, or none.
    NoneOf(Vec<&'a str>),
}

impl<'a> Words<'a> {
    /// Those that a filter asks for.
    pub(super) fn of(filter: &'a TaskFilter) -> Self {
        match filter.ended {
            _ if !filter.states.is_empty() => {
                let fits = |state: &&TaskState| filter.ended.is_none_or(|it| state.ended() == it);
                Self::OneOf(words(filter.states.iter().filter(fits)))
            }
            None => Self::Any,
            Some(true) => Self::OneOf(words(&TaskState::ENDS)),
            // By what it is not: there are words that we do not know.
            Some(false) => Self::NoneOf(words(&TaskState::ENDS)),
        }
    }
}

fn words<'a>(states: impl IntoIterator<Item = &'a TaskState>) -> Vec<&'a str> {
    states.into_iter().flat_map(TaskState::words).collect()
}

/// The condition that a task `t` is wanted by its own row.
pub(super) fn condition(values: &mut Values, words: &Words<'_>, filter: &TaskFilter) -> String {
    let mut parts = Vec::new();
    let mut listed = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(hex::encode).collect();
        values.bind(serde_json::json!(words).to_string());
        "(select unhex(value) from json_each(?))"
    };
    match words {
        Words::Any => {}
        Words::OneOf(words) => parts.push(format!("t.word in {}", listed(words))),
        Words::NoneOf(words) => {
            let listed = listed(words);
            parts.push(format!("(t.word is null or t.word not in {listed})"));
        }
    }
    for (time, part) in [
        (filter.since, "t.first_seen_at >= ?"),
        (filter.until, "t.first_seen_at < ?"),
    ] {
        if let Some(time) = time {
            values.bind(micros(time));
            parts.push(part.to_owned());
        }
    }
    if parts.is_empty() {
        return "true".to_owned();
    }
    parts.join(" and ")
}
