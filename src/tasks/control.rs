//! Starting tasks, and telling them what to do.

use tracing::warn;

use super::LookUpError;
use super::LookUps;
use crate::causes::with_causes;
use crate::cloud::CloudError;
use crate::cloud::NewTask;
use crate::cloud::Order;
use crate::store::Reported;
use crate::task::Source;
use crate::task::TaskReport;

/// A task that was started.
#[derive(Debug)]
pub struct Started {
    /// Its id.
    pub id: Box<str>,
    /// What is known of it; none: it could not be written down, and its webhooks make it known.
    pub known: Option<Reported>,
}

impl LookUps {
    /// Starts a task. Before this returns the task is known, so that its first webhook finds it.
    pub async fn start(&self, task: &NewTask) -> Result<Started, CloudError> {
        let report = self.cloud().start(task).await?;
        Ok(self.started(report).await)
    }

    /// Remembers a task that was started through us. It runs, whatever becomes of that: whoever is
    /// told otherwise starts another.
    pub async fn started(&self, report: TaskReport) -> Started {
        let id = report.key.id.clone();
        let known = self.remember(report, Source::Gateway).await;
        let known = known.inspect_err(|error| {
            warn!(
                error = %with_causes(error),
                "A task was started through us and could not be written down"
            );
        });
        Started {
            id,
            known: known.ok(),
        }
    }

    /// Tells a task what to do. None: the answer does not say how it stands then.
    pub async fn tell(&self, name: &str, order: Order) -> Result<Option<Reported>, LookUpError> {
        let (version, id) = self.place(name).await?;
        Ok(match self.cloud().tell(version, &id, order).await? {
            Some(report) => Some(self.remember(report, Source::LookUp).await?),
            None => None,
        })
    }
}
