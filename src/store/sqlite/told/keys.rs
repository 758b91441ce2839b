//! All tasks of which something was told, from table and index.

use serde::de::DeserializeOwned;
use sqlx::SqlitePool;

use crate::store::StoreError;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::script::Script;
use crate::store::sqlite::script::Values;
use crate::store::sqlite::tokens;

/// How many are read at once. A long read would keep the log beside the file from being emptied.
const CHUNK: i64 = 4096;

/// The terms of the index as a table, for the connection that asks. It holds nothing itself.
const TERMS: &str = "create virtual table if not exists temp.event_term
                     using fts5vocab(main, event_token, row);";

/// Where it stands that something was told of a task.
struct Place {
    /// Says how many tasks there are, or a few more.
    count: &'static str,
    /// Lists the next ones after one in hexadecimal, at most so many.
    next: &'static str,
}

const PLACES: [Place; 2] = [
    Place {
        count: "select json_array(count(*)) from told;",
        next: "select json_group_array(task)
                 from (select distinct hex(task) as task from told
                        where account = 0 and task > unhex(?)
                        order by told.task
                        limit ? + 0);",
    },
    // Ends, by their tokens.
    Place {
        count: "select json_array(count(*)) from temp.event_term
                 where term > 'e' and term < 'f';",
        next: "select json_group_array(substr(term, 2))
                 from (select term from temp.event_term
                        where term > 'e' || ? and term < 'f'
                        order by term
                        limit ? + 0);",
    },
];

/// How many there are, about.
pub(super) async fn count(readers: &SqlitePool) -> Result<usize, StoreError> {
    let mut count = 0;
    for place in &PLACES {
        let counts: Vec<usize> = ask(readers, place.count, Values::default()).await?;
        count += counts.iter().sum::<usize>();
    }
    Ok(count)
}

/// Takes the key of each.
pub(super) async fn each(
    readers: &SqlitePool,
    mut take: impl FnMut(u64),
) -> Result<(), StoreError> {
    for place in &PLACES {
        let mut last = String::new();
        loop {
            let mut values = Values::default();
            values.bind(last.as_str());
            values.bind(CHUNK);
            let tasks: Vec<String> = ask(readers, place.next, values).await?;
            for task in &tasks {
                take(tokens::end_key_of(task).ok_or_else(|| torn("task"))?);
            }
            match tasks.into_iter().next_back() {
                Some(task) => last = task,
                None => break,
            }
        }
    }
    Ok(())
}

/// A list from one of the places.
async fn ask<T: DeserializeOwned>(
    readers: &SqlitePool,
    sql: &str,
    values: Values,
) -> Result<Vec<T>, StoreError> {
    let mut script = Script::default();
    script.say(TERMS);
    let at = script.next_place();
    script.say(sql);
    *script.values() = values;
    let done = script.run(&mut *readers.acquire().await?).await?;
    done[at].list()
}
