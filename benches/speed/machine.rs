//! Where a run was made: without it the figures say little.

use std::fs;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use tidings::clock::Clock as _;
use tidings::clock::SystemClock;

use crate::figures::Rounds;
use crate::figures::show;

/// How often the disk is asked to keep a page.
const SYNCS: usize = 200;

/// Figures of a program built for debugging mean nothing.
const BUILT: &str = if cfg!(debug_assertions) {
    "BUILT FOR DEBUGGING"
} else {
    "built for release"
};

/// The machine, the commit and what else matters, a line each.
pub(crate) fn describe(work: &Path) -> anyhow::Result<Vec<String>> {
    let processors = std::thread::available_parallelism()?;
    let commit = output("git", &["describe", "--always", "--dirty"]);
    let day = SystemClock.now().strftime("%Y-%m-%d %H:%M UTC");
    Ok(vec![
        format!(
            "machine: {processors} × {}",
            first("/proc/cpuinfo", "model name")
        ),
        format!("memory: {}", first("/proc/meminfo", "MemTotal")),
        format!("kernel: {}", output("uname", &["-sr"])),
        format!("folder: {} on this disk", work.display()),
        format!(
            "write and fdatasync of 4 KiB, median: {} ms",
            show(sync_millis(work)?)
        ),
        format!("compiler: {}", output("rustc", &["--version"])),
        format!("commit: {commit}, {BUILT}, at {day}"),
        "settings: the defaults; SQLite in WAL mode with synchronous = FULL".to_owned(),
        "loader: one thread, on the same processors, keep-alive, four events a task, \
         random task ids"
            .to_owned(),
    ])
}

/// What the disk needs to keep 4 KiB: no acknowledgement can come sooner.
fn sync_millis(work: &Path) -> anyhow::Result<f64> {
    let path = work.join("sync");
    let mut file = File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(path)?;
    Ok(took.into_iter().collect::<Rounds>().median())
}

/// The value behind a name in one of the system's files.
fn first(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
}

/// What a command prints; nothing if there is no such command here.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
