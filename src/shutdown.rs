//! The wish that everything should stop.

use std::future::Future;
use std::io;

use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tracing::warn;

/// The exit code after a second signal: the process was told to stop and did not stop cleanly.
const CUT_SHORT: i32 = 130;

/// The wish that everything should stop. Clones are one wish: whoever holds one may ask, and
/// everybody hears it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A wish that nobody has uttered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything to stop. Asking twice changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Returns once somebody has asked.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// The next message to a task that works beside the requests. None: every sender is gone, or a stop
/// is requested and nothing is left to do.
pub async fn next_until<T>(messages: &mut mpsc::Receiver<T>, stop: &Shutdown) -> Option<T> {
    tokio::select! {
        biased;
        message = messages.recv() => message,
        () = stop.requested() => None,
    }
}

/// Obeys SIGTERM and SIGINT: the first asks everything to stop, the second ends the process at
/// once. That loses nothing either, because what was acknowledged is on the disk.
///
/// The signals are caught from this call on; the future has to be polled for them to be obeyed.
pub fn obey_signals(shutdown: Shutdown) -> io::Result<impl Future<Output = ()> + Send + use<>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let name = either(&mut terminate, &mut interrupt).await;
        info!(
            signal.name = name,
            "Stopping: finishing what has begun. A second signal ends it at once"
        );
        shutdown.request();

        let name = either(&mut terminate, &mut interrupt).await;
        warn!(signal.name = name, "Stopping at once");
        end_now();
    })
}

/// Waits for one of the two, and names it.
async fn either(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

#[expect(
    clippy::exit,
    reason = "the second signal means now, whatever is still going on"
)]
fn end_now() {
    std::process::exit(CUT_SHORT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_wish_is_heard_by_every_clone() {
        let shutdown = Shutdown::new();
        let heard = shutdown.clone();
        assert!(!heard.is_requested());

        shutdown.request();
        shutdown.request();

        heard.requested().await;
        assert!(heard.is_requested());
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_messages_that_are_there() {
        let (sender, mut messages) = mpsc::channel(2);
        let stop = Shutdown::new();
        sender.try_send("written").unwrap();
        stop.request();

        assert_eq!(next_until(&mut messages, &stop).await, Some("written"));
        assert_eq!(next_until(&mut messages, &stop).await, None);
    }
}
