//! Whether a sink is tried now.

use std::sync::Arc;

use tokio::sync::watch;

use crate::name::SinkName;
use crate::store::Standings;

/// What stands between a sink and its deliveries: nothing goes through while somebody has it paused.
///
/// It is asked twice: before a claim, and by what was claimed before it begins. So a pause takes
/// effect at once, also on what stands in line.
#[derive(Debug)]
pub(super) struct Gate {
    sink: SinkName,
    standings: watch::Receiver<Arc<Standings>>,
}

impl Gate {
    /// The gate of a sink, which heeds what the store knows of it.
    pub(super) fn new(sink: SinkName, standings: watch::Receiver<Arc<Standings>>) -> Self {
        Self { sink, standings }
    }

    /// Whether a try may begin.
    pub(super) fn is_open(&self) -> bool {
        let standings = self.standings.borrow();
        let standing = standings.get(&self.sink).copied().unwrap_or_default();
        standing.paused_at.is_none()
    }
}
