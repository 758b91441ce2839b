//! Appends each event to a file, as a line of JSON.

mod journal;

mod tail;

mod writer;

use std::path::PathBuf;

use anyhow::Context as _;
use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use self::journal::Journal;
use self::writer::Line;
use super::Batch;
use super::Outbound;
use super::Receipt;
use super::Rendering;
use super::Sink;
use super::SinkError;
use super::TakesBatches;
use super::Tools;

/// How many lines may wait for the writer. Whoever brings one more waits too.
const QUEUE: usize = 1024;

/// A file sink in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// The file to append to. It is made, with its folder, where there is none.
    pub path: PathBuf,
}

impl FileConfig {
    /// Builds the sink. The file is opened by the first event, or by [`Sink::check`].
    pub(super) fn build(self, tools: &Tools) -> FileSink {
        let (lines, waiting) = mpsc::channel(QUEUE);
        tools
            .tasks
            .spawn(writer::run(Journal::new(self.path.clone()), waiting));
        FileSink {
            lines,
            path: self.path,
        }
    }
}

/// Appends each event to a file. The writer's task ends when the sink is dropped.
#[derive(Debug)]
pub(super) struct FileSink {
    lines: mpsc::Sender<Line>,
    path: PathBuf,
}

impl FileSink {
    /// Returns once these bytes are on the disk.
    async fn write(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        let (answer, answered) = oneshot::channel();
        let stopped = "the writer of the file has stopped";
        self.lines
            .send(Line { bytes, answer })
            .await
            .context(stopped)?;
        answered.await.context(stopped)?
    }
}

#[async_trait]
impl Sink for FileSink {
    async fn deliver(&self, outbound: &Outbound) -> Result<Receipt, SinkError> {
        let mut line = super::body(outbound).map_err(SinkError::not_now)?;
        line.push(b'\n');
        self.write(line).await.map_err(SinkError::not_now)?;
        Ok(Receipt::default())
    }

    fn as_batching(&self) -> Option<&dyn TakesBatches> {
        Some(self)
    }

    async fn check(&self) -> anyhow::Result<()> {
        // No bytes: the file is opened, and nothing is written.
        self.write(Vec::new()).await
    }

    fn render(&self, outbound: &Outbound) -> anyhow::Result<Rendering> {
        Ok(Rendering::Line {
            path: self.path.display().to_string(),
            line: super::body_text(outbound)?,
        })
    }
}

#[async_trait]
impl TakesBatches for FileSink {
    async fn deliver_batch(&self, batch: &Batch) -> Result<Receipt, SinkError> {
        let mut lines = batch.bodies().join(&b'\n');
        lines.push(b'\n');
        self.write(lines).await.map_err(SinkError::not_now)?;
        Ok(Receipt::default())
    }
}
