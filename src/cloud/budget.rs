//! How many requests leave: one budget for the whole process.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio::time::sleep_until;

use crate::rate::Rate;
use crate::rate::Window;

/// Lets requests leave in the order in which they asked, and in no stretch of time more than the
/// rate allows.
#[derive(Debug)]
pub(super) struct Budget {
    window: Mutex<Window<Instant>>,
    /// The budget that this one is a share of.
    whole: Option<Arc<Budget>>,
}

impl Budget {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            window: Mutex::new(Window::new(rate)),
            whole: None,
        }
    }

    /// A share of a budget: half of it.
    pub(super) fn half(whole: &Arc<Self>, rate: Rate) -> Self {
        Self {
            whole: Some(Arc::clone(whole)),
            ..Self::new(Rate {
                per: rate.per * 2,
                ..rate
            })
        }
    }

    /// Waits until one more may leave. The lock is the line: who waits for room holds it, those
    /// behind wait for the lock, and whoever goes away leaves no gap.
    pub(super) async fn take(&self) {
        let mut window = self.window.lock().await;
        if let Some(opens) = window.opens() {
            sleep_until(opens).await;
        }
        if let Some(whole) = &self.whole {
            Box::pin(whole.take()).await;
        }
        window.begin(Instant::now());
    }
}
