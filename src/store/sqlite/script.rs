//! Several statements sent to SQLite's thread as one text: the hop there costs more than most
//! statements do.

use futures_util::TryStreamExt as _;
use futures_util::future::join;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Arguments as _;
use sqlx::AssertSqlSafe;
use sqlx::Either;
use sqlx::Encode;
use sqlx::Executor as _;
use sqlx::Row as _;
use sqlx::Sqlite;
use sqlx::SqliteConnection;
use sqlx::Type;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::sqlite::SqliteRow;

use crate::store::StoreError;
use crate::store::turn::APPENDS;

/// At most so many rows of values stand in one statement: as many as a turn has appends.
pub(super) const ROWS: usize = APPENDS;

/// Up to which number rows of values are filled up with empty ones. A turn's text is kept ready for
/// each combination that its statements come in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Padding {
    /// A power of two: events, and what they owe, which as a rule is as many.
    Twofold,
    /// A power of four: settles, whose number has nothing to do with that of events.
    Fourfold,
}

impl Padding {
    fn padded(self, rows: usize) -> usize {
        let twofold = rows.next_power_of_two();
        match self {
            Self::Fourfold if twofold.trailing_zeros() % 2 == 1 => 2 * twofold,
            Self::Twofold | Self::Fourfold => twofold,
        }
    }
}

/// Statements with their values, in order.
///
/// Placeholders are plain `?`. sqlx looks up the name of every numbered one (`$1`) at each
/// execution in a list that SQLite walks from its start: with 256 rows of 11 values that takes
/// ninety times as long as everything else.
///
/// A limit is `limit ? + 0`. SQLite plans by the value of a bare `limit ?`, and so it prepares the
/// statement anew whenever that is bound: two statements of every claim.
#[derive(Default)]
pub(super) struct Script {
    text: String,
    values: Values,
}

/// Values for placeholders, in order.
#[derive(Default)]
pub(super) struct Values {
    bound: SqliteArguments,
    fault: Option<BoxDynError>,
}

impl Values {
    /// Gives the next `?` its value.
    pub(super) fn bind<'q, T>(&mut self, value: T)
    where
        T: Encode<'q, Sqlite> + Type<Sqlite>,
    {
        if let Err(fault) = self.bound.add(value) {
            self.fault.get_or_insert(fault);
        }
    }

    /// All of them, as sqlx takes them.
    pub(super) fn into_arguments(self) -> Result<SqliteArguments, StoreError> {
        match self.fault {
            Some(fault) => Err(sqlx::Error::Encode(fault).into()),
            None => Ok(self.bound),
        }
    }
}

/// What one statement did.
#[derive(Default)]
pub(super) struct Done {
    pub(super) changes: u64,
    rows: Vec<SqliteRow>,
}

impl Done {
    /// What a statement said that gathers its rows with `json_group_array`: one row on the way here
    /// instead of many.
    pub(super) fn list<T: DeserializeOwned>(&self) -> Result<Vec<T>, StoreError> {
        let Some(row) = self.rows.first() else {
            return Ok(Vec::new());
        };
        serde_json::from_str(row.try_get(0)?)
            .map_err(|error| sqlx::Error::Decode(error.into()).into())
    }
}

impl Script {
    /// Adds text. Every statement ends with a semicolon, and no text holds another one.
    pub(super) fn say(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// The text as it stands.
    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The place among the results that the next statement's will have.
    pub(super) fn next_place(&self) -> usize {
        self.text.bytes().filter(|&byte| byte == b';').count()
    }

    /// Gives the next `?` its value.
    pub(super) fn bind<'q, T>(&mut self, value: T)
    where
        T: Encode<'q, Sqlite> + Type<Sqlite>,
    {
        self.values.bind(value);
    }

    /// The values of the `?` of parts that bind their own.
    pub(super) fn values(&mut self) -> &mut Values {
        &mut self.values
    }

    /// Adds rows of placeholders, as `(values …)`, with their values: `row` binds those of one. Its
    /// columns are called `column1` and so on.
    ///
    /// They are padded with empty rows, so that there are few texts to prepare: splitting them into
    /// powers of two instead costs half the speed.
    pub(super) fn rows<R>(
        &mut self,
        columns: usize,
        padding: Padding,
        rows: &[R],
        row: impl Fn(&mut Values, &R),
    ) {
        let padded = padding.padded(rows.len());
        let placeholders = format!("({})", vec!["?"; columns].join(","));
        let list = vec![placeholders.as_str(); padded].join(",");
        self.say("(values ");
        self.say(&list);
        self.say(")");
        for one in rows {
            row(&mut self.values, one);
        }
        for _ in rows.len() * columns..padded * columns {
            self.bind(None::<i64>);
        }
    }

    /// Gives the next `?` a list, for `jsonb_each`: a text that is the same for every length. (With
    /// `json_each` a row that is a list itself would be printed and parsed for each of its values.)
    pub(super) fn bind_list(&mut self, list: &impl Serialize) {
        match serde_json::to_string(list) {
            Ok(list) => self.values.bind(list),
            Err(fault) => {
                self.values.fault.get_or_insert(fault.into());
            }
        }
    }

    /// Runs it, and does something else while SQLite's thread is at work.
    pub(super) async fn run_beside<T>(
        self,
        connection: &mut SqliteConnection,
        something: impl FnOnce() -> T,
    ) -> Result<(Vec<Done>, T), StoreError> {
        // In this order: the first hands the text over before it waits.
        let (done, made) = join(self.run(connection), async { something() }).await;
        Ok((done?, made))
    }

    /// Runs it, and says for each statement what it did. After an error a transaction that the
    /// script began may still be open.
    pub(super) async fn run(
        self,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<Done>, StoreError> {
        // The texts are put together here, from parts in this folder; every value is bound.
        let query = sqlx::query_with(AssertSqlSafe(self.text), self.values.into_arguments()?);
        let mut results = connection.fetch_many(query);
        let mut all = Vec::new();
        let mut rows = Vec::new();
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Right(row) => rows.push(row),
                Either::Left(done) => all.push(Done {
                    changes: done.rows_affected(),
                    rows: std::mem::take(&mut rows),
                }),
            }
        }
        Ok(all)
    }
}
