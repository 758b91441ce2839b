//! What a person at a terminal sees while something is waited for.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio::time::interval;

use crate::cli::output::Output;
use crate::cli::table::printable;
use crate::period;

/// What turns while nothing happens, and how fast.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const PACE: Duration = Duration::from_millis(100);

/// A line that says how long it has been, and what is known.
pub(super) struct Progress {
    output: Output,
    begun: Instant,
    frame: usize,
    known: String,
}

impl Progress {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            begun: Instant::now(),
            frame: 0,
            known: "waiting".to_owned(),
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

    /// Shows what the server knows by now.
    pub(super) fn knows(&mut self, answer: &Value) {
        let tasks = answer["data"].as_array().map_or(&[][..], Vec::as_slice);
        self.is_told(match tasks {
            [task] => match task["state"].as_str() {
                Some(state) => printable(state),
                None => "nothing is known of it yet".to_owned(),
            },
            tasks => {
                let ended = tasks.iter().filter(|task| task["ended"] == true).count();
                format!("{ended} of {} have ended", tasks.len())
            }
        });
    }

    /// Says that the server is away.
    pub(super) fn is_alone(&mut self) {
        self.is_told("the server is away; asking again".to_owned());
    }

    /// Shows it from now on; in a log, once.
    fn is_told(&mut self, known: String) {
        if known != self.known && !self.output.is_watched() && !self.output.json {
            self.output.note(&known);
        }
        self.known = known;
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.output.progress("");
    }

    fn draw(&mut self) {
        self.frame += 1;
        let turning = FRAMES[self.frame % FRAMES.len()];
        let elapsed = period::rough(self.begun.elapsed());
        self.output
            .progress(format_args!("{turning} {}, {elapsed}", self.known));
    }
}
