//! Closed loop: each connection sends its next request once the last is answered.

use std::cell::Cell;
use std::cell::RefCell;
use std::time::Instant;

use futures_util::future::join_all;

use super::Plan;
use super::Requests;
use super::Tally;
use super::exchange;
use crate::connection::Connection;

/// What the connections share. They run on one thread.
struct Shared<'a> {
    plan: &'a Plan,
    requests: &'a Requests,
    next: Cell<usize>,
    tally: RefCell<Tally>,
    ends: Instant,
}

/// Sends until the time is over or the requests are.
pub(super) async fn run(
    plan: &Plan,
    requests: &Requests,
    connections: Vec<Connection>,
) -> anyhow::Result<Tally> {
    let start = Instant::now();
    let shared = Shared {
        plan,
        requests,
        next: Cell::new(0),
        tally: RefCell::new(Tally::new(start + plan.warm_up())?),
        ends: start + plan.length(),
    };
    for done in join_all(connections.into_iter().map(|it| send(it, &shared))).await {
        done?;
    }
    Ok(shared.tally.into_inner())
}

async fn send(mut connection: Connection, shared: &Shared<'_>) -> anyhow::Result<()> {
    while Instant::now() < shared.ends {
        let Some((request, body_length)) = shared.requests.get(shared.next.get()) else {
            break;
        };
        shared.next.set(shared.next.get() + 1);

        let began = Instant::now();
        let is_ok = exchange(&mut connection, request, shared.plan).await?;
        shared.tally.borrow_mut().count(began, is_ok, body_length);
    }
    Ok(())
}
