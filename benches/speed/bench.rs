//! How much is measured, and with what.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;
use url::Url;

use crate::SECRET;
use crate::load::Plan;
use crate::process;
use crate::process::Server;

/// A receiver that somebody else started.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// What to call it.
    pub(crate) name: String,
    /// Where it receives.
    pub(crate) url: Url,
}

impl FromStr for Peer {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (name, url) = text.split_once('=').context("write it as NAME=URL")?;
        Ok(Self {
            name: name.to_owned(),
            url: url.parse()?,
        })
    }
}

impl Peer {
    /// The address behind its URL.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        let addresses = self.url.socket_addrs(|| None)?;
        addresses.first().copied().context("it has no address")
    }
}

/// How much is measured, and with what.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// Seconds under one load.
    pub(crate) seconds: f64,
    /// Seconds of it that are not counted.
    pub(crate) warm_up: f64,
    /// How often what is held against each other is repeated.
    pub(crate) rounds: usize,
    /// How many deliveries are drained.
    pub(crate) drained: usize,
    /// The sizes at which appending is measured.
    pub(crate) sizes: Vec<usize>,
    /// How many deliveries are pending at the start.
    pub(crate) pending: usize,
    /// How many wait for tasks at once.
    pub(crate) waiters: usize,
    /// How long doing nothing is watched.
    pub(crate) idle: Duration,
    /// Receivers that somebody else started.
    pub(crate) peers: Vec<Peer>,
    /// A Python that has `FastAPI`.
    pub(crate) python: Option<PathBuf>,
    /// Where databases are put.
    pub(crate) work: PathBuf,
}

impl Bench {
    /// Everything, with rounds.
    pub(crate) fn full(work: PathBuf) -> Self {
        Self {
            seconds: 5.0,
            warm_up: 1.0,
            rounds: 3,
            drained: 50_000,
            sizes: vec![10_000, 100_000, 1_000_000],
            pending: 1_000_000,
            waiters: 10_000,
            idle: Duration::from_secs(25),
            peers: Vec::new(),
            python: None,
            work,
        }
    }

    /// Enough to see that it works.
    pub(crate) fn quick(work: PathBuf) -> Self {
        Self {
            seconds: 0.5,
            warm_up: 0.2,
            rounds: 1,
            drained: 2_000,
            sizes: vec![1_000, 5_000],
            pending: 5_000,
            waiters: 200,
            idle: Duration::from_secs(2),
            ..Self::full(work)
        }
    }

    /// A folder with nothing in it.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.work.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A closed loop. `at_most` is what no server of this kind can do in a second.
    pub(crate) fn plan(&self, to: SocketAddr, connections: usize, at_most: u32) -> Plan {
        Plan {
            to,
            path: "/webhook".to_owned(),
            connections,
            seconds: self.seconds,
            warm_up: self.warm_up,
            at_most,
            rate: None,
        }
    }

    /// Verifies and stores nothing.
    pub(crate) async fn verify_only(&self) -> anyhow::Result<Server> {
        Server::that_says_where(process::role("forgetful")?).await
    }

    /// Stores with a transaction for each event.
    pub(crate) async fn single(&self) -> anyhow::Result<Server> {
        let mut command = process::role("single")?;
        command.arg(self.folder("c")?);
        Server::that_says_where(command).await
    }

    /// The receiver of the vendor's documents. None without a Python.
    pub(crate) async fn fastapi(&self, store: &str) -> anyhow::Result<Option<Server>> {
        let Some(python) = &self.python else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/benches/peers/receiver.py"
            ))
            .args(["--secret", SECRET, "--store", store])
            .arg("--database")
            .arg(self.folder("fastapi")?.join("peer.db"));
        Server::that_says_where(command).await.map(Some)
    }
}
