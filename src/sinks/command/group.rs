//! A program and everything it started.

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process_group;
use tokio::process::Child;

/// A program's process group: itself and all that it started, but for what left on purpose. It is
/// killed when this is dropped.
///
/// The system gives the group's number to nobody else while the program has not been waited for, or
/// anything of the group is left. Where neither is so, there is nothing to kill: the number would
/// have to come round again in the same instant.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group that a program was started at the head of.
    pub(super) fn of(child: &Child) -> Self {
        let number = child.id().and_then(|id| i32::try_from(id).ok());
        Self(number.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // An error says that nothing of it is left.
            kill_process_group(leader, Signal::KILL).ok();
        }
    }
}
