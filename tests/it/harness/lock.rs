//! Another process that keeps a database to itself.

use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

/// Another process, in the middle of a transaction.
#[derive(Debug)]
pub(crate) struct Lock(Child);

impl Lock {
    /// Locks this database.
    pub(crate) fn on(database: &Path) -> Self {
        const HOLD: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
database.execute('begin immediate')
print('locked', flush=True)
sys.stdin.read()
";
        let mut child = Command::new("python3")
            .args(["-c", HOLD])
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it speaks");
        assert_eq!(line, "locked\n");
        Self(child)
    }

    /// Ends the transaction, and the process.
    pub(crate) fn release(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().expect("it ends when nobody talks to it");
    }
}
