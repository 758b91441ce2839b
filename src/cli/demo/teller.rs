//! The words of the demonstration.

use std::fmt::Display;
use std::io;

use owo_colors::OwoColorize as _;

use super::stage::Stage;
use crate::cli::output::Output;
use crate::simulator::Answer;

/// Tells the demonstration to whoever watches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Teller {
    output: Output,
}

impl Teller {
    pub(super) fn new(output: Output) -> Self {
        Self { output }
    }

    /// What there is to see.
    pub(super) fn opening(self, stage: &Stage) -> io::Result<()> {
        self.say("Tidings, shown with a made-up task. Nothing leaves this machine.".bold())?;
        self.say("")?;
        self.fact("receives at", &stage.webhook)?;
        if let Ok(address) = stage.simulator_listener.local_addr() {
            self.fact("from", format_args!("http://{address}, a simulated cloud"))?;
        }
        self.fact("API", format_args!("{}api/v1", stage.server))?;
        self.fact("its token", stage.token_file().display())?;
        self.fact(
            "sink audit",
            format_args!("the file {}", stage.events_file().display()),
        )?;
        self.fact(
            "sink backend",
            format_args!("{}, a small server of the demo's", stage.backend_url),
        )
    }

    /// A step begins.
    pub(super) fn step(self, number: u32, what: impl Display) -> io::Result<()> {
        self.say("")?;
        self.say(format_args!("{} {what}", format!("{number}.").bold()))
    }

    /// How a request was answered.
    pub(super) fn answer(self, status: &str, answer: &Answer, remark: &str) -> io::Result<()> {
        let code = answer.status;
        let code = if answer.is_success() {
            code.green().to_string()
        } else {
            code.yellow().to_string()
        };
        let said = answer.event_id.as_deref().or(answer.message.as_deref());
        let (said, remark) = (said.unwrap_or_default(), remark.dimmed());
        self.say(format_args!("   {status:<15} {code}  {said}  {remark}"))
    }

    /// Something is as promised.
    pub(super) fn seen(self, what: &str, value: impl Display) -> io::Result<()> {
        self.say(format_args!("   {} {what:<13} {value}", "✓".green()))
    }

    /// The end of one task.
    pub(super) fn ending(self) -> io::Result<()> {
        self.say("")?;
        self.say("All as promised: what was answered with 200 reached both sinks, in order.".bold())
    }

    /// What a watcher could do now.
    pub(super) fn invitation(
        self,
        stage_server: &url::Url,
        token_file: impl Display,
    ) -> io::Result<()> {
        self.say("")?;
        self.say("It goes on with more tasks until you press Ctrl-C. Meanwhile, try:")?;
        let url = stage_server;
        self.say(format_args!(
            "   tidings events list --server {url} --token \"$(cat {token_file})\""
        ))?;
        self.say("")
    }

    /// One event of a task that goes by.
    pub(super) fn passing(self, task: &str, status: &str, answer: &Answer) -> io::Result<()> {
        let task = task.split('-').next().unwrap_or(task);
        let code = answer.status.green();
        self.say(format_args!(
            "   task {task}  {status:<13} {code}  delivered"
        ))
    }

    fn fact(self, what: &str, value: impl Display) -> io::Result<()> {
        self.say(format_args!("   {:<14} {value}", what.dimmed()))
    }

    fn say(self, text: impl Display) -> io::Result<()> {
        self.output.line(text)
    }
}
