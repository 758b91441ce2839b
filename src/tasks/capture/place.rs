//! Where a file is kept: its place follows from its task, its kind and its number, as in
//! `2026-05-25/task-5b73…/output-1`. Nothing that the vendor calls it becomes part of a path.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::Digest as _;
use sha2::Sha256;

use crate::task::FileKind;
use crate::task::TaskKey;
use crate::task::TaskKind;

/// The longest id that is a folder's name as it stands.
const LONGEST: usize = 64;

/// Where a file of a task is kept, below the folder.
pub(super) fn place(key: &TaskKey, ended_at: Timestamp, kind: FileKind, number: u32) -> String {
    let day = TimeZone::UTC.to_datetime(ended_at).date();
    let of = match key.kind {
        TaskKind::Task => "task",
        TaskKind::Run => "run",
        TaskKind::Session => "session",
    };
    let kind = match kind {
        FileKind::Output => "output",
        FileKind::Screenshot => "screenshot",
    };
    format!("{day}/{of}-{}/{kind}-{number}", harmless(&key.id))
}

/// An id as a folder may be called: as it stands, like the vendor's UUIDs, else its hash.
fn harmless(id: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !id.is_empty() && id.len() <= LONGEST && id.bytes().all(is_plain) {
        return id.to_owned();
    }
    hex::encode(Sha256::digest(id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place_of(id: &str) -> String {
        let key = TaskKey {
            kind: TaskKind::Task,
            id: id.into(),
        };
        place(&key, Timestamp::UNIX_EPOCH, FileKind::Screenshot, 7)
    }

    #[test]
    fn a_file_is_found_by_the_day_and_the_task() {
        let id = "5b73fb3f-a3cb-4912-be40-17ce9e9e1a45";
        let expected = format!("1970-01-01/task-{id}/screenshot-7");
        assert_eq!(place_of(id), expected);
    }

    proptest! {
        #[test]
        fn no_id_leads_elsewhere(id: String, more in "[./\\\\a-c-]{0,80}") {
            for id in [id, more] {
                let place = place_of(&id);
                let parts: Vec<&str> = place.split('/').collect();
                prop_assert_eq!(parts.len(), 3);
                let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
                prop_assert!(parts.iter().all(|part| part.chars().all(is_plain)));
                prop_assert!(place.len() < 120);
            }
        }
    }
}
