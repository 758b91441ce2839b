//! A program of another language that is asked, line by line, what it makes of something.

use std::cell::RefCell;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

/// A child that answers one line for each it gets, for as long as the test runs.
#[derive(Debug)]
pub(crate) struct Reference(RefCell<Parts>);

#[derive(Debug)]
struct Parts {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reference {
    /// Starts a script of this repository with its interpreter.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/test installs what this starts");
        Self(RefCell::new(Parts {
            questions: child.stdin.take().expect("it is piped"),
            answers: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
        }))
    }

    /// The answer to a line.
    pub(crate) fn ask(&self, question: &str) -> String {
        let parts = &mut *self.0.borrow_mut();
        writeln!(parts.questions, "{question}").expect("the other program listens");
        let mut answer = String::new();
        parts
            .answers
            .read_line(&mut answer)
            .expect("the other program answers in text");
        assert!(answer.ends_with('\n'), "the other program went away");
        answer.trim_end().to_owned()
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        self.0.get_mut().child.kill().ok();
        self.0.get_mut().child.wait().ok();
    }
}
