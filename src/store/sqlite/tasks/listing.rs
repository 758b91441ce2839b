//! Listing tasks, a bounded stretch at a time.

use sqlx::SqlitePool;

use super::row;
use super::row::columns;
use super::tokens;
use super::wanted;
use super::wanted::Words;
use crate::store::Page;
use crate::store::Slice;
use crate::store::StoreError;
use crate::store::TaskFilter;
use crate::store::TaskRecord;
use crate::store::sqlite::script::Values;
use crate::store::sqlite::stretch;
use crate::store::sqlite::stretch::Place;

/// Where candidates come from. In each, tasks stand by age.
pub(super) enum Source<'a> {
    /// Those with these tokens.
    Tokens(&'a str),
    /// Those with this word.
    Word(&'a str),
    /// All there are.
    Everything,
}

/// A stretch of the tasks that a filter lets through.
pub(super) async fn list(
    readers: &SqlitePool,
    filter: &TaskFilter,
    slice: Slice,
) -> Result<Page<TaskRecord>, StoreError> {
    let words = Words::of(filter);
    let question = tokens::question(filter).map(|question| question.text());
    let sources = match &question {
        // A session or a label is narrower than a word that half of all tasks have.
        Some(question) => vec![Source::Tokens(question)],
        None => match &words {
            Words::OneOf(words) => words.iter().map(|word| Source::Word(word)).collect(),
            Words::Any | Words::NoneOf(_) => vec![Source::Everything],
        },
    };
    let mut stretches = Vec::new();
    for source in sources {
        let place = Place {
            candidates: &|values| candidates(values, &source, slice),
            rows: &|values, candidates| {
                let wanted = wanted::condition(values, &words, filter);
                format!(
                    "select {} from ({candidates}) c cross join task t on t.id = c.id where {wanted}",
                    columns!()
                )
            },
            read: row::read,
            number: |task| task.number,
        };
        stretches.push(place.look(readers, slice).await?);
    }
    let mut page = stretch::merge(stretches, slice, |task: &TaskRecord| task.number);
    page.items
        .retain(|task| tokens::lets_through(filter, &task.projection));
    Ok(page)
}

pub(super) fn candidates(values: &mut Values, source: &Source<'_>, slice: Slice) -> String {
    let (from, id) = match source {
        Source::Tokens(question) => {
            values.bind((*question).to_owned());
            ("task_token where task_token match ? and", "rowid")
        }
        Source::Word(word) => {
            values.bind(word.as_bytes().to_vec());
            ("task indexed by task_by_word where word = ? and", "id")
        }
        Source::Everything => ("task where", "id"),
    };
    let beyond = stretch::beyond(values, id, slice);
    format!("select {id} as id from {from} {beyond}")
}
