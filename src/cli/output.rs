//! What commands print, and for whom: people at a terminal, or programs.

use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;

use owo_colors::OwoColorize as _;
use serde::Serialize;

use super::table::printable;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// JSON, one object a line, for programs.
    pub(super) json: bool,
    /// Whether somebody is looking.
    pub(super) terminal: bool,
}

#[expect(
    clippy::unused_self,
    reason = "commands print through what they were given and by no other way"
)]
impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Prints a line. Colour in it is dropped where nobody would see it.
    pub(super) fn line(self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(anstream::stdout(), "{text}")
    }

    /// Prints an object as a line of JSON.
    pub(super) fn json(self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        io::stdout().write_all(&line)
    }

    /// Prints text of several lines that strangers wrote: as it is, but for a terminal, which must
    /// not obey it.
    pub(super) fn text(self, text: &str) -> io::Result<()> {
        if self.terminal {
            return text.lines().try_for_each(|line| self.line(printable(line)));
        }
        writeln!(io::stdout(), "{text}")
    }

    /// Prints one word of an answer alone, such as an id, so that a script can keep it; with
    /// `--json` all of the answer.
    pub(super) fn word(self, answer: &impl Serialize, word: &str) -> io::Result<()> {
        if self.json {
            self.json(answer)
        } else {
            self.line(printable(word))
        }
    }

    /// Prints bytes as they are.
    pub(super) fn bytes(self, bytes: &[u8]) -> io::Result<()> {
        io::stdout().write_all(bytes)
    }

    /// Whether somebody watches how it goes. Where nobody does, a log may be kept of it.
    pub(super) fn is_watched(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Tells a person at a terminal how it goes, on one line that the next takes the place of.
    pub(super) fn progress(self, text: impl std::fmt::Display) {
        if self.is_watched() {
            _ = write!(anstream::stderr(), "\r{text}\x1b[K");
        }
    }

    /// Asks a person something, on a line that goes on with the answer.
    pub(super) fn ask(self, question: &str) {
        _ = write!(anstream::stderr(), "{question}");
    }

    /// Tells a person something beside the result.
    pub(super) fn note(self, text: impl std::fmt::Display) {
        // A remark that nobody can read is no reason to fail.
        _ = writeln!(anstream::stderr(), "{text}");
    }
}

/// Tells what went wrong.
pub(super) fn error(error: &anyhow::Error) {
    // Where nobody can be told, the exit code still tells.
    _ = writeln!(anstream::stderr(), "{} {error:#}", "error:".red().bold());
}
