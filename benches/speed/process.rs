//! Other processes: starting them, hearing from them, and what they cost.

use std::fs;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::ensure;
use rustix::process::Pid;
use rustix::process::Signal;
use serde::de::DeserializeOwned;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::process::Command;
use tokio::time::timeout;

/// How long a server may take to stop.
const STOPPING: Duration = Duration::from_secs(30);

/// This program in one of its roles.
pub(crate) fn role(name: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(name);
    Ok(command)
}

/// Runs a command to its end and reads its answer.
pub(crate) async fn answer<T: DeserializeOwned>(mut command: Command) -> anyhow::Result<T> {
    let output = command
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(
        output.status.success(),
        "{:?} ended with {}",
        command.as_std(),
        output.status,
    );
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said).with_context(|| format!("this is no answer: {said}"))
}

/// A server in a process of its own. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server whose first line on standard output is its address.
    pub(crate) async fn that_says_where(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.as_std()))?;
        let out = child.stdout.take().context("its output is piped")?;
        let line = BufReader::new(out).lines().next_line().await?;
        let line = line.with_context(|| format!("{:?} ended at once", command.as_std()))?;
        let address = line
            .parse()
            .with_context(|| format!("no address: {line}"))?;
        Ok(Self { child, address })
    }

    /// Takes a process that listens at `address`.
    pub(crate) fn known(child: Child, address: SocketAddr) -> Self {
        Self { child, address }
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        rustix::process::kill_process(self.pid()?, Signal::TERM)?;
        let status = timeout(STOPPING, self.child.wait())
            .await
            .context("it does not stop")??;
        ensure!(status.success(), "it ended with {status}");
        Ok(())
    }

    /// What it has cost so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(self.id()?)
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> anyhow::Result<i32> {
        Ok(self.pid()?.as_raw_nonzero().get())
    }

    fn pid(&self) -> anyhow::Result<Pid> {
        let id = self.child.id().context("it has ended")?;
        Pid::from_raw(id.cast_signed()).context("a process has a number")
    }
}

/// What a process has cost so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Seconds of processor time.
    pub(crate) processor: f64,
    /// Resident memory, in MB.
    pub(crate) memory: f64,
    /// The same at its highest.
    pub(crate) peak_memory: f64,
}

impl Usage {
    #[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
    pub(crate) fn of(process: i32) -> anyhow::Result<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let megabytes = |name: &str| -> anyhow::Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes: f64 = line
                .and_then(|line| line.trim().strip_suffix(" kB"))
                .with_context(|| format!("no {name} in /proc"))?
                .parse()?;
            Ok(kilobytes / 1024.0)
        };

        // Behind the name, which may hold blanks, `utime` and `stime` are the 12th and 13th field.
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("no name in /proc")?;
        let ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>)
            .sum::<Result<u64, _>>()?;
        Ok(Self {
            processor: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
            memory: megabytes("VmRSS:")?,
            peak_memory: megabytes("VmHWM:")?,
        })
    }
}
