//! The built program as somebody at a terminal uses it: commands in a folder of their own.

use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStderr;
use std::process::Command;
use std::process::Stdio;

use tempfile::TempDir;

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

    /// Starts a server and waits until it says where it listens.
    pub(crate) fn serve(&self) -> Served {
        let mut child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut said = String::new();
        while log.read_line(&mut said).expect("it logs text") > 0 {
            if let Some(url) = announced(&said, "Listening on ") {
                return Served {
                    url,
                    child,
                    log,
                    said,
                };
            }
        }
        panic!("it does not listen:\n{said}");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("COLUMNS", "100");
        command
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Served {
    /// Where it answers, without a slash at the end.
    pub(crate) url: String,
    child: Child,
    log: BufReader<ChildStderr>,
    said: String,
}

impl Served {
    /// Reads the log on until it announces an address with these words.
    pub(crate) fn announces(&mut self, words: &str) -> String {
        loop {
            if let Some(url) = announced(&self.said, words) {
                return url;
            }
            let read = self.log.read_line(&mut self.said).expect("it logs text");
            assert!(read > 0, "it never said `{words}`:\n{}", self.said);
        }
    }

    /// Asks it to stop, as a service manager does, and waits for its end.
    pub(crate) fn terminate(mut self) -> Ended {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.expect("kill is there").success());
        while self.log.read_line(&mut self.said).expect("it logs text") > 0 {}
        let status = self.child.wait().expect("it is ours");
        Ended {
            code: status.code(),
            out: String::new(),
            err: std::mem::take(&mut self.said),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The address behind these words.
fn announced(said: &str, words: &str) -> Option<String> {
    let (_, rest) = said.split_once(words)?;
    // Only a whole line has a whole address.
    let (line, _) = rest.split_once('\n')?;
    line.split_whitespace().next().map(str::to_owned)
}
