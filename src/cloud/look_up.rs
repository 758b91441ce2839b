//! What the API knows of a task, whichever version knows it.

use super::Client;
use super::CloudError;
use super::Trouble;
use crate::task::ApiVersion;
use crate::task::TaskReport;

impl Client {
    /// What the API knows of the task, run or session with this id. The configured versions are
    /// asked in their order, each until one knows it; the report says which.
    ///
    /// Fails with [`Trouble::NotFound`] if no version knows it, and with the first other trouble
    /// that a version has: what v2 cannot tell just now, v1 does not know either.
    pub async fn look_up(&self, id: &str) -> Result<TaskReport, CloudError> {
        let mut said = "no version is configured".to_owned();
        for version in self.versions() {
            match self.look_up_in(*version, id).await {
                Err(CloudError {
                    trouble: Trouble::NotFound { said: last, .. },
                    ..
                }) => said = last,
                answered => return answered,
            }
        }
        let versions: Vec<_> = self.versions().iter().map(|v| v.as_str()).collect();
        let call = format!(
            "look-up of `{id}` in {} (`cloud.versions`)",
            versions.join(", ")
        );
        let what = "task";
        Err(CloudError::new(&call, Trouble::NotFound { what, said }))
    }

    /// What one version knows of the task, run or session with this id, configured or not.
    pub async fn look_up_in(
        &self,
        version: ApiVersion,
        id: &str,
    ) -> Result<TaskReport, CloudError> {
        Ok(match version {
            ApiVersion::V1 => self.v1().task(id).await?.into(),
            ApiVersion::V2 => self.v2().task(id).await?.into(),
            ApiVersion::V3 => self.v3().session(id).await?.into(),
            ApiVersion::V4 => self.v4().run(id).await?.into(),
        })
    }
}
