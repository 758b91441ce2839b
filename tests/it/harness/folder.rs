//! The built program as somebody at a terminal uses it: commands in a folder of their own.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use tempfile::TempDir;

use super::program::Program;

/// A folder to run commands in. Nothing of the environment reaches them.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("there is a place for temporary folders"))
    }

    /// A folder with a configuration.
    pub(crate) fn with(config: &str) -> Self {
        let folder = Self::new();
        fs::write(folder.path("tidings.toml"), config).expect("the folder is ours");
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    /// Runs a command to its end, with something on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A command that reads nothing may have ended by now.
        stdin.write_all(input.as_bytes()).ok();
        drop(stdin);
        let output = child.wait_with_output().expect("it is ours");
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it prints text"),
            err: String::from_utf8(output.stderr).expect("it prints text"),
        }
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn serve(&self) -> Program {
        Program::run(self.command(&["serve"]))
    }

    /// The program with these arguments, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// The same, run by another program that gets all of it as its last arguments.
    pub(crate) fn command_under(&self, wrapper: &[&str], arguments: &[&str]) -> Command {
        let line = [wrapper, &[env!("CARGO_BIN_EXE_tidings")], arguments].concat();
        let (program, arguments) = line.split_first().expect("the program at least");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            // Wrappers are found by it.
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}

/// The words that do not differ from run to run: no times and no ids of events.
pub(crate) fn words(printed: &str) -> String {
    let differs =
        |word: &str| word.contains(['-', ':', '+']) && word.contains(|c: char| c.is_ascii_digit());
    let line = |line: &str| {
        let words = line.split_whitespace().filter(|word| !differs(word));
        words.collect::<Vec<_>>().join(" ")
    };
    printed.lines().map(line).collect::<Vec<_>>().join("\n")
}
