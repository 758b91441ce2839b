//! Whether the clock can be right. A signature carries its time: one more than five minutes ahead
//! of our clock is refused, and so is one older than `max_age`.

use std::io;

use jiff::SignedDuration;
use jiff::Timestamp;

use super::report::Report;
use super::server::Server;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::event::view;

const CHECK: &str = "clock";

/// 2026-11-01, in seconds since 1970: this program is younger.
const WRITTEN_AFTER: i64 = 1_793_491_200;

/// How far the server's clock may be from ours. It tells whole seconds, and the answer travels.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

const SET_IT: &str = "set it, and let it be kept: `timedatectl set-ntp true`";

pub(super) fn check(server: Option<&Server>, report: &mut Report) -> io::Result<()> {
    let now = SystemClock.now();
    if now.as_second() < WRITTEN_AFTER {
        let found = format!("it is {}, before this program was written", shown(now));
        return report.problem(CHECK, found, SET_IT);
    }
    let Some(theirs) = server.and_then(|server| server.date.as_ref()) else {
        let found = format!(
            "it is {}; no server runs here to compare with, so see that this is right",
            shown(now)
        );
        return report.ok(CHECK, found);
    };
    let apart = theirs.timestamp().duration_since(now).abs();
    if apart > TOLERANCE {
        let found = format!(
            "it is {} here and {} at the server",
            shown(now),
            shown(theirs.timestamp())
        );
        return report.problem(
            CHECK,
            found,
            "one is wrong; set it with `timedatectl set-ntp true`",
        );
    }
    report.ok(
        CHECK,
        format_args!("it is {}, at the server too", shown(now)),
    )
}

/// To the second, as the eye compares it with a watch.
fn shown(time: Timestamp) -> String {
    let time = view::time(time);
    let (seconds, _) = time.split_once('.').unwrap_or((&time, ""));
    format!("{seconds}Z")
}
