//! One server under one load.

use crate::load::Outcome;
use crate::load::Plan;
use crate::process::Server;

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// What the loader saw.
    pub(crate) outcome: Outcome,
    /// Processor time of the server for each request, in microseconds. None for a server that
    /// somebody else started.
    pub(crate) processor_micros: Option<f64>,
    /// Resident memory of the server at its highest, in MB.
    pub(crate) peak_memory: Option<f64>,
}

/// Loads a server of ours.
#[expect(clippy::cast_precision_loss, reason = "figures to three digits")]
pub(crate) async fn load(server: &Server, plan: &Plan) -> anyhow::Result<Run> {
    let before = server.usage()?;
    let outcome = plan.run().await?;
    let after = server.usage()?;
    let micros = (after.processor - before.processor) * 1e6;
    Ok(Run {
        processor_micros: Some(micros / outcome.acknowledged as f64),
        peak_memory: Some(after.peak_memory),
        outcome,
    })
}

/// Loads a server that somebody else started.
pub(crate) async fn load_stranger(plan: &Plan) -> anyhow::Result<Run> {
    Ok(Run {
        outcome: plan.run().await?,
        processor_micros: None,
        peak_memory: None,
    })
}
