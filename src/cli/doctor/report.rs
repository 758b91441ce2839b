//! What the checks found, told as they find it.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use owo_colors::OwoColorize as _;
use serde::Serialize;

use super::super::output::Output;
use super::super::table::printable;

/// Tells findings, and remembers whether one of them was a problem.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) output: Output,
    has_problem: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Problem,
}

/// A line for programs.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    check: &'static str,
    state: State,
    found: &'a str,
    advice: Option<&'a str>,
}

impl Report {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            has_problem: false,
        }
    }

    /// All is well.
    pub(super) fn ok(&mut self, check: &'static str, found: impl Display) -> io::Result<()> {
        self.tell(check, State::Ok, &found.to_string(), None)
    }

    /// It works, and somebody should know.
    pub(super) fn warning(
        &mut self,
        check: &'static str,
        found: impl Display,
        advice: &str,
    ) -> io::Result<()> {
        self.tell(check, State::Warning, &found.to_string(), Some(advice))
    }

    /// It does not work.
    pub(super) fn problem(
        &mut self,
        check: &'static str,
        found: impl Display,
        advice: &str,
    ) -> io::Result<()> {
        self.has_problem = true;
        self.tell(check, State::Problem, &found.to_string(), Some(advice))
    }

    /// 0 unless there was a problem.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.has_problem))
    }

    fn tell(
        &self,
        check: &'static str,
        state: State,
        found: &str,
        advice: Option<&str>,
    ) -> io::Result<()> {
        if self.output.json {
            return self.output.json(&Finding {
                check,
                state,
                found,
                advice,
            });
        }
        let state = match state {
            State::Ok => "ok     ".green().to_string(),
            State::Warning => "warning".yellow().bold().to_string(),
            State::Problem => "problem".red().bold().to_string(),
        };
        let advice = advice.map_or_else(String::new, |advice| format!(": {advice}"));
        // A server somewhere else, or an error of the system, may have said a part of it.
        let told = printable(&format!("{found}{advice}"));
        self.output
            .line(format_args!("{state}  {check:<13}  {told}"))
    }
}
