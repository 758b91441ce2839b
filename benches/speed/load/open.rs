//! Open loop: requests leave at a fixed rate, however slowly they are answered.
//!
//! A latency counts from the moment at which the request was to be sent. So a server that stops for
//! a second is charged with every request that had to wait in that second, and not with one.

use std::cell::Cell;
use std::cell::RefCell;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::Plan;
use super::Requests;
use super::Tally;
use super::exchange;
use crate::connection::Connection;

/// When each request is to be sent.
#[derive(Clone, Copy, Debug)]
struct Timetable {
    start: Instant,
    apart: Duration,
}

impl Timetable {
    fn of(self, index: usize) -> Instant {
        self.start + self.apart * u32::try_from(index).unwrap_or(u32::MAX)
    }
}

/// What the connections share. They run on one thread.
struct Shared<'a> {
    plan: &'a Plan,
    requests: &'a Requests,
    timetable: Timetable,
    /// A permit for each request whose time has come.
    due: Arc<Semaphore>,
    next: Cell<usize>,
    tally: RefCell<Tally>,
}

/// Sends all requests, `rate` a second.
pub(super) async fn run(
    plan: &Plan,
    rate: u32,
    requests: &Requests,
    connections: Vec<Connection>,
) -> anyhow::Result<Tally> {
    let due = Arc::new(Semaphore::new(0));
    let timetable = Timetable {
        start: Instant::now(),
        apart: Duration::from_secs(1) / rate,
    };
    let shared = Shared {
        plan,
        requests,
        timetable,
        due: Arc::clone(&due),
        next: Cell::new(0),
        tally: RefCell::new(Tally::new(timetable.start + plan.warm_up())?),
    };

    let (count, hands) = (requests.len(), connections.len());
    let pacing = thread::spawn(move || pace(timetable, count, hands, &due));
    for done in join_all(connections.into_iter().map(|it| send(it, &shared))).await {
        done?;
    }
    drop(pacing);
    Ok(shared.tally.into_inner())
}

/// Says when each request is due. A thread that sleeps is exact to some 60 µs, where the runtime's
/// timers are to a millisecond.
fn pace(timetable: Timetable, count: usize, hands: usize, due: &Semaphore) {
    for index in 0..count {
        thread::sleep(
            timetable
                .of(index)
                .saturating_duration_since(Instant::now()),
        );
        due.add_permits(1);
    }
    // One more for each connection, so that it sees that nothing is left.
    due.add_permits(hands);
}

async fn send(mut connection: Connection, shared: &Shared<'_>) -> anyhow::Result<()> {
    loop {
        shared.due.acquire().await?.forget();
        let index = shared.next.get();
        let Some((request, body_length)) = shared.requests.get(index) else {
            return Ok(());
        };
        shared.next.set(index + 1);

        let is_ok = exchange(&mut connection, request, shared.plan).await?;
        let meant = shared.timetable.of(index);
        shared.tally.borrow_mut().count(meant, is_ok, body_length);
    }
}
