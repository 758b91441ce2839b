//! Words as the database's integers, and back. The migration explains them beside their columns.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::access::Scope;
use crate::delivery::DeliveryState;
use crate::delivery::Outcome;
use crate::event::Origin;
use crate::event::SignatureForm;
use crate::replay::Again;
use crate::replay::ReplayState;
use crate::store::StoreError;
use crate::task::ApiVersion;
use crate::task::FileKind;
use crate::task::Source;
use crate::task::TaskKind;
use crate::task::TaskOutcome;

/// The states a row can have. `waiting` is no state of a row: it is an open one that is not due.
pub(super) const OPEN: i64 = 0;
pub(super) const LEASED: i64 = 1;
pub(super) const DELIVERED: i64 = 2;
pub(super) const DEAD: i64 = 3;
pub(super) const DISCARDED: i64 = 4;

/// A row that this program cannot have written.
pub(super) fn torn(what: &'static str) -> StoreError {
    StoreError::Database(anyhow::anyhow!("a row holds an impossible {what}"))
}

/// Microseconds since 1970.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The time so many microseconds after 1970.
pub(super) fn time(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_out_of_range| torn("time"))
}

/// A count that a column keeps as a signed integer.
pub(super) fn count<T: TryFrom<i64>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_negative_or_too_large| torn("count"))
}

/// Text of strangers, which is stored as bytes.
pub(super) fn text(row: &SqliteRow, column: usize) -> Result<Option<Box<str>>, StoreError> {
    let bytes: Option<&[u8]> = row.try_get(column)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into()))
}

/// What a row's state means.
pub(super) fn state(code: i64, due_at: Option<i64>) -> Result<DeliveryState, StoreError> {
    Ok(match (code, due_at) {
        (OPEN, Some(_)) => DeliveryState::Pending,
        (OPEN, None) => DeliveryState::Waiting,
        (LEASED, _) => DeliveryState::Leased,
        (DELIVERED, _) => DeliveryState::Delivered,
        (DEAD, _) => DeliveryState::Dead,
        (DISCARDED, _) => DeliveryState::Discarded,
        _ => return Err(torn("state")),
    })
}

/// Gives a word's number and the word of a number, from the one list of both.
macro_rules! words {
    ($word:ident, $to:ident, $from:ident, $what:literal, { $($variant:ident = $number:literal),+ $(,)? }) => {
        #[doc = concat!("The number of a ", $what, ".")]
        pub(super) fn $to(word: $word) -> i64 {
            match word {
                $($word::$variant => $number,)+
            }
        }

        #[doc = concat!("The ", $what, " with this number.")]
        pub(super) fn $from(number: i64) -> Result<$word, StoreError> {
            match number {
                $($number => Ok($word::$variant),)+
                _ => Err(torn($what)),
            }
        }
    };
}

words!(Origin, from_origin, origin, "origin", { Webhook = 0, Reconcile = 1, Tidings = 2 });
words!(SignatureForm, from_form, form, "form", { Python = 0, Utf8 = 1, Raw = 2, Payload = 3 });
words!(Outcome, from_outcome, outcome, "outcome", { Delivered = 0, Failed = 1, Refused = 2 });
words!(TaskKind, from_kind, kind, "kind", { Task = 0, Run = 1, Session = 2 });
words!(Source, from_source, source, "source", {
    Webhook = 0,
    Reconcile = 1,
    LookUp = 2,
    Gateway = 3,
});
words!(ApiVersion, from_api, api, "version of the API", { V1 = 1, V2 = 2, V3 = 3, V4 = 4 });
words!(FileKind, from_file_kind, file_kind, "kind of file", { Output = 0, Screenshot = 1 });
words!(TaskOutcome, from_task_outcome, task_outcome, "outcome of a task", {
    Failure = 0,
    Success = 1,
});
words!(Again, from_again, again, "kind of replay", { Replay = 0, Retry = 1 });
words!(ReplayState, from_replay_state, replay_state, "state of a replay", {
    Running = 0,
    Done = 1,
    Cancelled = 2,
});
words!(Scope, from_scope, scope, "scope", { Read = 0, Operate = 1, Admin = 2 });
