//! What a person at a terminal sees while something is waited for.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::interval;

use super::output::Output;
use crate::period;

/// What turns while nothing happens, and how fast.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const PACE: Duration = Duration::from_millis(100);

/// A line that says how it goes, and for how long by now.
pub(super) struct Progress {
    output: Output,
    begun: Instant,
    frame: usize,
    told: String,
}

impl Progress {
    /// Begins with what is being done.
    pub(super) fn new(output: Output, told: impl Into<String>) -> Self {
        Self {
            output,
            begun: Instant::now(),
            frame: 0,
            told: told.into(),
        }
    }

    /// Keeps the line alive while this goes on.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut ticks = interval(PACE);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = ticks.tick() => self.draw(),
            }
        }
    }

    /// Says this from now on; in a log, once.
    pub(super) fn tell(&mut self, told: String) {
        if told != self.told && !self.output.is_watched() && !self.output.json {
            self.output.note(&told);
        }
        self.told = told;
    }

    fn draw(&mut self) {
        self.frame += 1;
        let turning = FRAMES[self.frame % FRAMES.len()];
        let elapsed = period::rough(self.begun.elapsed());
        self.output
            .progress(format_args!("{turning} {}, {elapsed}", self.told));
    }
}

impl Drop for Progress {
    /// Takes the line away, however it ended.
    fn drop(&mut self) {
        self.output.progress("");
    }
}
