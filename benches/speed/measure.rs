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

impl Run {
    /// In milliseconds.
    pub(crate) fn p99(&self) -> f64 {
        self.outcome.p99
    }

    /// In MB; nothing of a server that somebody else started.
    pub(crate) fn memory(&self) -> f64 {
        self.peak_memory.unwrap_or_default()
    }
}

/// The runs of each server, in the order in which they are loaded.
#[derive(Debug, Default)]
pub(crate) struct Runs(Vec<(String, Vec<Run>)>);

impl Runs {
    /// Adds a run of a server.
    pub(crate) fn note(&mut self, name: &str, run: Run) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, runs)) => runs.push(run),
            None => self.0.push((name.to_owned(), vec![run])),
        }
    }

    /// None if that server did not run.
    pub(crate) fn of(&self, name: &str) -> Option<&[Run]> {
        let (_, runs) = self.0.iter().find(|(known, _)| known == name)?;
        Some(runs)
    }

    /// Each server and its runs.
    pub(crate) fn all(&self) -> &[(String, Vec<Run>)] {
        &self.0
    }
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
