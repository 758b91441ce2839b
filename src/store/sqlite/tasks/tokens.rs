//! What tasks are found by beside their own id: tokens, as events are.

use crate::store::TaskFilter;
use crate::store::sqlite::facts;
use crate::store::sqlite::question::Question;
use crate::store::sqlite::tokens::METADATA;
use crate::store::sqlite::tokens::RUN;
use crate::store::sqlite::tokens::SESSION;
use crate::store::sqlite::tokens::push;
use crate::store::sqlite::tokens::token;
use crate::task::Projection;

/// The tokens of a task.
pub(super) fn of(task: &Projection) -> String {
    let mut text = String::with_capacity(100);
    for (field, id) in [(RUN, &task.run_id), (SESSION, &task.session_id)] {
        if let Some(id) = id {
            push(&mut text, field, &[id]);
        }
    }
    for (key, value) in facts::strings(task.metadata.as_deref().unwrap_or_default()) {
        push(&mut text, METADATA, &[&key, "\0", &value]);
    }
    text
}

/// The question that finds the tasks with a run or a session of this id.
pub(super) fn named(id: &str) -> Option<Question> {
    Question::of([vec![token(RUN, &[id]), token(SESSION, &[id])]])
}

/// The question to the index that finds a filter's tasks; none if the index has nothing to say
/// about it.
pub(super) fn question(filter: &TaskFilter) -> Option<Question> {
    let sessions = filter.session_ids.iter();
    let mut groups: Vec<Vec<String>> = vec![sessions.map(|id| token(SESSION, &[id])).collect()];
    for (key, values) in &filter.metadata {
        let values = values.iter();
        groups.push(
            values
                .map(|value| token(METADATA, &[key, "\0", value]))
                .collect(),
        );
    }
    Question::of(groups)
}

/// Whether a task that the index found is what the filter asks for: a hash may be another's too,
/// and what a task was once found by may be outdated.
pub(super) fn lets_through(filter: &TaskFilter, task: &Projection) -> bool {
    let one_of = |values: &[String], value: Option<&str>| {
        values.is_empty() || value.is_some_and(|value| values.iter().any(|one| one == value))
    };
    one_of(&filter.session_ids, task.session_id.as_deref())
        && filter.metadata.iter().all(|(key, values)| {
            let mut pairs = facts::strings(task.metadata.as_deref().unwrap_or_default());
            let value = pairs.find(|(name, _)| name == key).map(|(_, value)| value);
            one_of(values, value.as_deref())
        })
}
