//! What a single delivery tells.

use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::arguments::pair;
use crate::cli::input;
use crate::event::TEST;
use crate::simulator::Expected;
use crate::simulator::Signed;
use crate::simulator::Step;
use crate::simulator::Task;

/// What a single delivery tells.
#[derive(Debug, Args)]
#[group(id = "single", multiple = true)]
#[command(next_help_heading = "What it tells")]
pub(super) struct Single {
    /// The event's type; `test` alone sends the vendor's test ping.
    #[arg(
        long = "type",
        value_name = "T",
        default_value = "agent.task.status_update"
    )]
    kind: String,

    /// The task's status.
    #[arg(long, value_name = "S", default_value = "finished")]
    status: String,

    /// The task; else a made-up one.
    #[arg(long, value_name = "ID")]
    task_id: Option<String>,

    /// The session; else a made-up one.
    #[arg(long, value_name = "ID")]
    session_id: Option<String>,

    /// Metadata of the task; several times for several.
    #[arg(long, value_name = "K=V", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// A file with the whole body instead, sent as it is; `-` is the standard input.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["kind", "status", "task_id", "session_id", "metadata"]
    )]
    body: Option<PathBuf>,
}

impl Single {
    /// The one request.
    pub(super) fn step(&self, task: &Task) -> anyhow::Result<Step> {
        let body = match &self.body {
            Some(file) => input::read(file, input::LARGEST_BODY)?,
            None if self.kind == TEST => task.test_ping(),
            None => self
                .described(task)
                .update_of(&self.kind, &self.status, SignedDuration::ZERO),
        };
        Ok(Step {
            about: "",
            body,
            signed: Signed::Now,
            expected: Expected::Stored,
        })
    }

    /// The task with what was said of it.
    fn described(&self, task: &Task) -> Task {
        let or =
            |given: &Option<String>, made_up: &String| given.as_ref().unwrap_or(made_up).clone();
        Task {
            id: or(&self.task_id, &task.id),
            session_id: or(&self.session_id, &task.session_id),
            created_at: task.created_at,
            metadata: self.metadata.iter().cloned().collect(),
        }
    }
}
