//! Life-like bodies: tasks of four events each, with random ids.

use bytes::Bytes;
use jiff::SignedDuration;
use jiff::Timestamp;
use rand::RngExt as _;
use tidings::event::view;
use uuid::Uuid;

/// What a task goes through.
const STATUSES: [&str; 4] = ["initializing", "started", "paused", "finished"];

/// How many tasks run at once: two events of one task are so many events apart.
const AT_ONCE: usize = 1_000;

/// How far apart two events happened.
const APART: SignedDuration = SignedDuration::from_micros(25);

/// An endless row of bodies, no two alike, about 333 bytes each.
#[derive(Debug)]
pub(crate) struct Bodies {
    tasks: Vec<Task>,
    /// Which task speaks next.
    next: usize,
    /// How far they all are.
    status: usize,
    now: Timestamp,
}

#[derive(Debug)]
struct Task {
    id: Uuid,
    session: Uuid,
    customer: u32,
}

impl Bodies {
    /// The first of them happened at `start`.
    pub(crate) fn starting_at(start: Timestamp) -> Self {
        Self {
            tasks: random_tasks(),
            next: 0,
            status: 0,
            now: start,
        }
    }
}

impl Iterator for Bodies {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.next == self.tasks.len() {
            self.next = 0;
            self.status += 1;
        }
        if self.status == STATUSES.len() {
            self.status = 0;
            self.tasks = random_tasks();
        }
        let body = self.tasks[self.next].body(STATUSES[self.status], self.now);
        self.next += 1;
        self.now += APART;
        Some(body)
    }
}

impl Task {
    fn body(&self, status: &str, now: Timestamp) -> Bytes {
        let Self {
            id,
            session,
            customer,
        } = self;
        let now = view::time(now);
        format!(
            r#"{{"type":"agent.task.status_update","timestamp":"{now}","payload":{{"session_id":"{session}","task_id":"{id}","status":"{status}","metadata":{{"campaign":"q{}-automation","team":"marketing","customer":"customer-{customer:06}","note":"nightly price check"}}}}}}"#,
            customer % 50,
        )
        .into()
    }
}

fn random_tasks() -> Vec<Task> {
    let mut random = rand::rng();
    (0..AT_ONCE)
        .map(|_| Task {
            id: uuid::Builder::from_random_bytes(random.random()).into_uuid(),
            session: uuid::Builder::from_random_bytes(random.random()).into_uuid(),
            customer: random.random_range(0..20_000),
        })
        .collect()
}
