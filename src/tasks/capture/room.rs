//! How much more may be kept.

/// How many bytes are kept at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of a file.
    pub file: u64,
    /// Of a task.
    pub task: u64,
    /// In all.
    pub total: u64,
}

/// How large a file may be, and what keeps it from being larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) bytes: u64,
    pub(super) bound: Bound,
}

/// What keeps a file from being larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    File,
    Task,
    Total,
}

impl Limits {
    /// The room for a file of a task of which so much is kept, where so much is kept in all.
    pub(super) fn room(&self, of_task: u64, in_all: u64) -> Room {
        let rooms = [
            (self.file, Bound::File),
            (self.task.saturating_sub(of_task), Bound::Task),
            (self.total.saturating_sub(in_all), Bound::Total),
        ];
        let smallest = rooms.into_iter().min_by_key(|(bytes, _)| *bytes);
        let (bytes, bound) = smallest.unwrap_or((0, Bound::Total));
        Room { bytes, bound }
    }

    /// Why a file is not kept that is larger than there is room for it. None: there may be room
    /// later.
    pub(super) fn reason(&self, bound: Bound) -> Option<String> {
        match bound {
            Bound::File => Some(format!(
                "it is larger than `capture.max_file_bytes`, {} bytes",
                self.file
            )),
            Bound::Task => Some(format!(
                "with it more of the task would be kept than `capture.max_task_bytes`, {} bytes",
                self.task
            )),
            Bound::Total => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_limit_counts() {
        let limits = Limits {
            file: 10,
            task: 25,
            total: 100,
        };
        let room = |of_task, in_all| {
            let room = limits.room(of_task, in_all);
            (room.bytes, room.bound)
        };
        assert_eq!(room(0, 0), (10, Bound::File));
        assert_eq!(room(15, 90), (10, Bound::File));
        assert_eq!(room(20, 90), (5, Bound::Task));
        assert_eq!(room(20, 97), (3, Bound::Total));
        assert_eq!(room(30, 50), (0, Bound::Task));
        assert_eq!(room(0, 200), (0, Bound::Total));
    }
}
