//! One run of a program, from its start to its end.

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe::Receiver;
use tokio::process::ChildStdin;
use tokio::process::Command;
use tokio::time::sleep;
use tokio::time::timeout;

use super::group::Group;
use super::output::Output;

/// How long we listen once the program has ended: something that left its group may hold on to our
/// end of the line for ever.
const PATIENCE: Duration = Duration::from_millis(50);

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its own word. None: its time was up.
    pub(super) status: Option<ExitStatus>,
    /// What it said.
    pub(super) output: Option<String>,
}

/// Runs a program until it ends, or until its time is up. Dropping the future kills it; in each
/// case what it started and left behind dies with it.
pub(super) async fn run(mut command: Command, input: &[u8], limit: Duration) -> io::Result<Ended> {
    let mut listening = share_output(&mut command)?;
    let mut child = command.spawn()?;
    let group = Group::of(&child);
    // It holds the other end of the line, which would never fall silent.
    drop(command);

    let mut output = Output::default();
    let stdin = child.stdin.take();
    let talking = async {
        tokio::join!(feed(stdin, input), output.listen(&mut listening));
        // A program that has closed its mouth is still at work.
        pending::<Infallible>().await
    };
    let status = tokio::select! {
        status = child.wait() => Some(status?),
        () = sleep(limit) => None,
        never = talking => match never {},
    };
    drop(group);

    timeout(PATIENCE, output.listen(&mut listening)).await.ok();
    Ok(Ended {
        status,
        output: output.text(),
    })
}

/// Gives a program one line for both its standard output and its standard error, so that what it
/// says stands in the order in which it was said. Returns our end of it.
fn share_output(command: &mut Command) -> io::Result<Receiver> {
    let (ours, its) = io::pipe()?;
    command.stdout(its.try_clone()?).stderr(its);
    Receiver::from_owned_fd(OwnedFd::from(ours))
}

/// Hands over the input. A program need not read it: one that has closed the line, or ended, has
/// heard enough.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut stdin) = stdin {
        stdin.write_all(input).await.ok();
    }
}
