//! All tasks of which something was told, from table and index.

use sqlx::SqlitePool;

use crate::store::StoreError;
use crate::store::sqlite::codes::torn;
use crate::store::sqlite::script::Script;
use crate::store::sqlite::tokens;

/// How many are read at once. A long read would keep the log beside the file from being emptied.
const CHUNK: i64 = 4096;

/// The terms of the index as a table, for the connection that asks. It holds nothing itself.
const TERMS: &str = "create virtual table if not exists temp.event_term
                     using fts5vocab(main, event_token, row);";

/// What lists the next tasks after one in hexadecimal, at most so many: in the table, and in the index
/// by the tokens of ends.
const NEXT: [&str; 2] = [
    "select json_group_array(task)
       from (select distinct hex(task) as task from told
              where account = 0 and task > unhex(?)
              order by told.task
              limit ? + 0);",
    "select json_group_array(substr(term, 2))
       from (select term from temp.event_term
              where term > 'e' || ? and term < 'f'
              order by term
              limit ? + 0);",
];

/// Takes the key of each.
pub(super) async fn each(
    readers: &SqlitePool,
    mut take: impl FnMut(u64),
) -> Result<(), StoreError> {
    for next in NEXT {
        let mut last = String::new();
        loop {
            let tasks = after(readers, next, &last).await?;
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

async fn after(readers: &SqlitePool, next: &str, last: &str) -> Result<Vec<String>, StoreError> {
    let mut script = Script::default();
    script.say(TERMS);
    let place = script.next_place();
    script.say(next);
    script.bind(last);
    script.bind(CHUNK);
    let done = script.run(&mut *readers.acquire().await?).await?;
    done[place].list()
}
